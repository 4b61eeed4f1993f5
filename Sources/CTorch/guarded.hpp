// What every file of the shim uses: handles, and the one place where exceptions end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstring>
#include <optional>

#include "pons_torch.h"

struct pons_torch {
  at::Tensor tensor;
};

namespace pons {

inline pons_torch_result message(const char *text) {
  char *copy = strdup(text);
  // Out of memory: any answer but NULL says that the call failed, and the caller frees it.
  return copy != nullptr ? copy : static_cast<char *>(std::calloc(1, 1));
}

// Runs `body` and answers NULL, or the message of what it threw.
template <class Body> pons_torch_result guarded(Body body) noexcept {
  try {
    body();
    return nullptr;
  } catch (const c10::Error &error) {
    return message(error.what_without_backtrace());
  } catch (const std::exception &error) {
    return message(error.what());
  } catch (...) {
    return message("libtorch threw something that is no exception");
  }
}

// Runs `body`, whose answer is the new tensor.
template <class Body> pons_torch_result produce(pons_torch **out, Body body) noexcept {
  return guarded([&] { *out = new pons_torch{body()}; });
}

inline at::IntArrayRef numbers(pons_torch_numbers numbers) {
  return at::IntArrayRef(numbers.values, static_cast<size_t>(numbers.count));
}

inline c10::optional<at::Tensor> maybe(pons_torch *tensor) {
  if (tensor == nullptr) return c10::nullopt;
  return tensor->tensor;
}

inline std::vector<at::Tensor> tensors(pons_torch_list list) {
  std::vector<at::Tensor> result;
  result.reserve(static_cast<size_t>(list.count));
  for (int64_t i = 0; i < list.count; i++) result.push_back(list.handles[i]->tensor);
  return result;
}

[[noreturn]] inline void unknown(const char *what, int64_t value) {
  throw std::invalid_argument(std::string("no ") + what + " has the number " + std::to_string(value));
}

inline at::ScalarType scalarType(int32_t type) {
  switch (type) {
  case PONS_TORCH_BOOL: return at::kBool;
  case PONS_TORCH_UINT8: return at::kByte;
  case PONS_TORCH_INT8: return at::kChar;
  case PONS_TORCH_INT16: return at::kShort;
  case PONS_TORCH_INT32: return at::kInt;
  case PONS_TORCH_INT64: return at::kLong;
  case PONS_TORCH_FLOAT16: return at::kHalf;
  case PONS_TORCH_BFLOAT16: return at::kBFloat16;
  case PONS_TORCH_FLOAT32: return at::kFloat;
  case PONS_TORCH_FLOAT64: return at::kDouble;
  default: unknown("type of elements", type);
  }
}

inline at::Device device(int32_t device, int32_t index) {
  switch (device) {
  case PONS_TORCH_CPU: return at::Device(at::kCPU);
  case PONS_TORCH_CUDA: return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
  default: unknown("device", device);
  }
}

inline at::MemoryFormat memoryFormat(int32_t order) {
  switch (order) {
  case PONS_TORCH_CONTIGUOUS: return at::MemoryFormat::Contiguous;
  case PONS_TORCH_CHANNELS_LAST: return at::MemoryFormat::ChannelsLast;
  case PONS_TORCH_CHANNELS_LAST_3D: return at::MemoryFormat::ChannelsLast3d;
  default: unknown("order in memory", order);
  }
}

} // namespace pons
