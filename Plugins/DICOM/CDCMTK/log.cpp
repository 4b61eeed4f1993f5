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

using dcmtk::log4cplus::Logger;
using dcmtk::log4cplus::SharedAppenderPtr;

// DCMTK's log belongs to the process: another plugin may use the library too, with this file or without. Appenders of this name
// are of other copies of this file, and stay.
constexpr const char *name = "pons.first-warning";

// Sees to it that warnings arrive here and nothing is printed. Whoever decodes asks before each frame, because a warning
// that does not arrive would make a damaged picture a good one.
void attach() {
  static std::mutex guard;
  static SharedAppenderPtr own;
  const std::lock_guard<std::mutex> lock(guard);
  if (own.get() == nullptr) {
    own = SharedAppenderPtr(new FirstWarning);
    own->setName(name);
  }
  Logger root = Logger::getRoot();
  bool is_attached = false;
  for (const SharedAppenderPtr &appender : root.getAllAppenders()) {
    if (appender.get() == own.get()) {
      is_attached = true;
    } else if (appender->getName() != name) {
      root.removeAppender(appender);
    }
  }
  if (!is_attached) root.addAppender(own);
  if (root.getLogLevel() != dcmtk::log4cplus::WARN_LOG_LEVEL) {
    root.setLogLevel(dcmtk::log4cplus::WARN_LOG_LEVEL);
  }
}

}  // namespace

namespace pons {

void quiet() {
  static std::once_flag once;
  std::call_once(once, attach);
}

void forget_warnings() {
  attach();
  is_warned = false;
  warning.clear();
}

const char *first_warning() { return is_warned ? warning.c_str() : nullptr; }

}  // namespace pons
