#include <dcmtk/config/osconfig.h>
#include <dcmtk/oflog/appender.h>
#include <dcmtk/oflog/logger.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/logevent.h>

#include <mutex>
#include <string>

#include "guarded.hpp"

namespace {

thread_local std::string warning;
thread_local bool is_warned = false;

class FirstWarning : public dcmtk::log4cplus::Appender {
 public:
  ~FirstWarning() override { destructorImpl(); }
  void close() override {}

 protected:
  void append(const dcmtk::log4cplus::spi::InternalLoggingEvent &event) override {
    if (is_warned || event.getLogLevel() < dcmtk::log4cplus::WARN_LOG_LEVEL) return;
    warning.assign(event.getMessage().c_str(), event.getMessage().length());
    // Some encoders number the coefficients of a scan wrongly; the decoder reads all of them, as it must.
    is_warned = warning.find("Invalid SOS parameters for sequential JPEG") == std::string::npos;
  }
};

}  // namespace

namespace pons {

void quiet() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::WARN_LOG_LEVEL);
    dcmtk::log4cplus::Logger root = dcmtk::log4cplus::Logger::getRoot();
    root.removeAllAppenders();
    root.addAppender(dcmtk::log4cplus::SharedAppenderPtr(new FirstWarning));
    root.setLogLevel(dcmtk::log4cplus::WARN_LOG_LEVEL);
  });
}

void forget_warnings() {
  is_warned = false;
  warning.clear();
}

const char *first_warning() { return is_warned ? warning.c_str() : nullptr; }

}  // namespace pons
