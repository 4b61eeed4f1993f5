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

// What the appenders of this code are called, in every copy of it.
const char *const family = "pons-";

// The logger belongs to the library, and so to the whole process: two plugins may each have a copy of this code, and each must
// hear what is logged on its threads.
const SharedAppenderPtr &appender() {
  static const SharedAppenderPtr one = [] {
    auto *made = new FirstWarning;
    made->setName((family + std::to_string(reinterpret_cast<uintptr_t>(&family))).c_str());
    return SharedAppenderPtr(made);
  }();
  return one;
}

bool is_ours(const SharedAppenderPtr &found) {
  return std::strncmp(found->getName().c_str(), family, std::strlen(family)) == 0;
}

// Attaches the appender unless it is there, in place of all that write to the terminal.
void attach() {
  static std::mutex lock;
  const std::lock_guard<std::mutex> guard(lock);
  Logger root = Logger::getRoot();
  if (root.getAppender(appender()->getName())) return;
  root.addAppender(appender());
  for (const SharedAppenderPtr &found : root.getAllAppenders()) {
    if (!is_ours(found)) root.removeAppender(found);
  }
  root.setLogLevel(dcmtk::log4cplus::WARN_LOG_LEVEL);
}

}  // namespace

namespace pons {

void quiet() {
  static std::once_flag once;
  std::call_once(once, [] {
    Logger root = Logger::getRoot();
    bool is_known = false;
    for (const SharedAppenderPtr &found : root.getAllAppenders()) is_known |= is_ours(found);
    // This removes all appenders, also those of another copy.
    if (!is_known) OFLog::configure(OFLogger::WARN_LOG_LEVEL);
    attach();
  });
}

void forget_warnings() {
  // Somebody else in the process may have configured the logger anew; unheard warnings would be wrong pixels.
  attach();
  is_warned = false;
  warning.clear();
}

const char *first_warning() { return is_warned ? warning.c_str() : nullptr; }

}  // namespace pons
