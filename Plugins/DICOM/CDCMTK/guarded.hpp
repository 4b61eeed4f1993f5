// What every function of the shim has in common: nothing is thrown across C, and DCMTK prints nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>

namespace pons {

/// Runs `body`; any exception becomes `refused`.
template <typename Answer, typename Body>
Answer guarded(Answer refused, Body &&body) noexcept {
  try {
    return body();
  } catch (...) {
    return refused;
  }
}

/// Sends what DCMTK logs to `last_warning` instead of the terminal. Cheap after the first call.
void quiet();

/// Forgets the warnings of this thread.
void forget_warnings();

/// The first warning or error that DCMTK logged on this thread, or NULL.
const char *first_warning();

/// Copies a text, zero-terminated.
inline void describe(const char *text, char *message, uint64_t capacity) {
  if (capacity == 0) return;
  std::strncpy(message, text == nullptr ? "" : text, capacity - 1);
  message[capacity - 1] = 0;
}

}  // namespace pons
