// pons_torch_runtime.h.
// SPDX-License-Identifier: Apache-2.0
#include "pons_torch_runtime.h"

#include "guarded.hpp"
#include "parallel.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Version.h>
#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace pons;

struct pons_torch_generator {
  at::Generator generator;
};

namespace {

// A text that is made once; empty when making it fails.
template <class Make> const char *once(Make make) {
  static const std::string text = [&] {
    try {
      return std::string(make());
    } catch (...) {
      return std::string();
    }
  }();
  return text.c_str();
}

// What follows a label in the configuration of the library that is loaded. (The headers know only what it was built
// with.)
std::string configured(const char *label) {
  std::string text = at::show_config();
  auto start = text.find(label);
  if (start == std::string::npos) return std::string();
  start += std::strlen(label);
  return text.substr(start, text.find_first_of(", \n", start) - start);
}

// OpenBLAS is not linked: Debian lets the administrator choose which BLAS answers. A plugin's libraries are not in the
// global scope, so that its functions are looked up in the library that answers.
void *blas() {
  static void *library = []() -> void * {
    void *opened = dlopen("libblas.so.3", RTLD_LAZY | RTLD_NOLOAD);
    return opened != nullptr ? opened : RTLD_DEFAULT;
  }();
  return library;
}

template <class Function> Function *blasFunction(const char *name) {
  return reinterpret_cast<Function *>(dlsym(blas(), name));
}

} // namespace

const char *pons_torch_version(void) {
  return once([] { return configured("TORCH_VERSION="); });
}

const char *pons_torch_configuration(void) {
  return once([] { return at::show_config(); });
}

const char *pons_torch_instruction_set(void) {
  return once([] { return configured("CPU capability usage: "); });
}

const char *pons_torch_blas_file(void) {
  return once([] {
    Dl_info information;
    void *function = dlsym(blas(), "sgemm_");
    if (function == nullptr || dladdr(function, &information) == 0) return std::string();
    char *path = realpath(information.dli_fname, nullptr);
    std::string file = path != nullptr ? path : information.dli_fname;
    std::free(path);
    return file;
  });
}

const char *pons_torch_openblas(void) {
  return once([] {
    auto *describe = blasFunction<char *()>("openblas_get_config");
    return describe != nullptr ? std::string(describe()) : std::string();
  });
}

int32_t pons_torch_cuda_devices(void) {
  try {
    return at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
  } catch (...) {
    return 0;
  }
}

void pons_torch_set_threads(int32_t count) {
  try {
    at::set_num_threads(count);
  } catch (...) { // it was no number from 1
    return;
  }
  static auto *setBlasThreads = blasFunction<void(int)>("openblas_set_num_threads");
  if (setBlasThreads != nullptr) setBlasThreads(count);
}

int32_t pons_torch_threads(void) { return at::get_num_threads(); }

int32_t pons_torch_loop_threads(void) {
  int32_t expected = at::get_num_threads();
  std::atomic<int32_t> arrived{0};
  auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  parallel(expected, 1, [&](int64_t, int64_t) {
    arrived++;
    // Whoever has a part waits until all are there, so that nobody takes two.
    while (arrived < expected && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  });
  return arrived;
}

pons_torch_result pons_torch_generator_new(uint64_t seed, pons_torch_generator **out) {
  return guarded([&] { *out = new pons_torch_generator{at::detail::createCPUGenerator(seed)}; });
}

void pons_torch_generator_free(pons_torch_generator *generator) { delete generator; }

pons_torch_result pons_torch_generator_state(pons_torch_generator *generator, pons_torch **out) {
  return produce(out, [&] { return generator->generator.get_state(); });
}

pons_torch_result pons_torch_generator_set_state(pons_torch_generator *generator, pons_torch *state) {
  return guarded([&] { generator->generator.set_state(state->tensor); });
}

pons_torch_result pons_torch_uniform_(pons_torch *x, double low, double high, pons_torch_generator *generator) {
  return guarded([&] { x->tensor.uniform_(low, high, generator->generator); });
}

pons_torch_result pons_torch_normal_(pons_torch *x, double mean, double deviation,
                                     pons_torch_generator *generator) {
  return guarded([&] { x->tensor.normal_(mean, deviation, generator->generator); });
}

pons_torch_result pons_torch_bernoulli_(pons_torch *x, double probability, pons_torch_generator *generator) {
  return guarded([&] { x->tensor.bernoulli_(probability, generator->generator); });
}

pons_torch_result pons_torch_permutation(int64_t count, pons_torch_generator *generator, pons_torch **out) {
  return produce(out, [&] { return at::randperm(count, generator->generator, at::dtype(at::kLong)); });
}
