// Loops over the threads of libtorch.
// SPDX-License-Identifier: Apache-2.0
//
// at::parallel_for is a template: it runs on one thread wherever it is compiled without OpenMP, and the OpenMP of this compiler would
// bring a second runtime with threads of its own. So this asks the runtime that libtorch has loaded, by the entry point that libgomp
// and those that stand in for it share; where there is none, one thread does everything.
#pragma once

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>

namespace pons {

using ParallelRegion = void (*)(void (*)(void *), void *, unsigned, unsigned);

inline ParallelRegion parallelRegion() {
  static const auto found = reinterpret_cast<ParallelRegion>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  return found;
}

// Calls body(begin, end) for parts of 0..<count that have `grain` elements or more, on as many threads as libtorch may use.
template <typename Body> void parallel(int64_t count, int64_t grain, const Body &body) {
  if (count <= 0) return;
  int64_t parts = std::min<int64_t>(at::get_num_threads(), (count + grain - 1) / grain);
  ParallelRegion region = parallelRegion();
  if (parts <= 1 || region == nullptr || at::in_parallel_region()) {
    body(int64_t{0}, count);
    return;
  }
  struct Work {
    const Body &body;
    int64_t count, length;
    std::atomic<int64_t> next{0};
    std::atomic_flag hasFailed{};
    std::exception_ptr failure;
  } work{body, count, (count + parts - 1) / parts};
  region(
      [](void *data) {
        Work &work = *static_cast<Work *>(data);
        for (;;) {
          int64_t begin = work.next.fetch_add(work.length, std::memory_order_relaxed);
          if (begin >= work.count) return;
          try {
            work.body(begin, std::min(work.count, begin + work.length));
          } catch (...) {
            if (!work.hasFailed.test_and_set()) work.failure = std::current_exception();
          }
        }
      },
      &work, static_cast<unsigned>(parts), 0);
  if (work.failure) std::rethrow_exception(work.failure);
}

} // namespace pons
