// pons_torch.h: making tensors, looking at them, copying them.
// SPDX-License-Identifier: Apache-2.0
#include "guarded.hpp"

#include <ATen/DLConvertor.h>

using namespace pons;

void pons_torch_message_free(pons_torch_result message) { std::free(message); }

void pons_torch_free(pons_torch *tensor) { delete tensor; }

pons_torch_result pons_torch_empty(pons_torch_numbers shape, int32_t type, int32_t where, int32_t index,
                                   pons_torch **out) {
  return produce(out, [&] {
    return at::empty(numbers(shape), at::device(device(where, index)).dtype(scalarType(type)));
  });
}

pons_torch_result pons_torch_full(pons_torch_numbers shape, double value, int32_t type, int32_t where,
                                  int32_t index, pons_torch **out) {
  return produce(out, [&] {
    return at::full(numbers(shape), value, at::device(device(where, index)).dtype(scalarType(type)));
  });
}

pons_torch_result pons_torch_arange(double start, double end, double step, int32_t type, pons_torch **out) {
  return produce(out, [&] { return at::arange(start, end, step, at::dtype(scalarType(type))); });
}

pons_torch_result pons_torch_borrow(void *data, pons_torch_numbers shape, pons_torch_numbers strides,
                                    int32_t type, void (*release)(void *), void *context,
                                    pons_torch **out) {
  // The memory is given back exactly once: by the last holder of this token, whether or not a tensor came to be.
  std::shared_ptr<void> token;
  try {
    token = std::shared_ptr<void>(context, release);
  } catch (...) { // std::shared_ptr has called `release`
    return message("out of memory");
  }
  return produce(out, [&] {
    return at::from_blob(data, numbers(shape), numbers(strides), [token](void *) {},
                         at::dtype(scalarType(type)));
  });
}

pons_torch_result pons_torch_from_dlpack(void *managed, pons_torch **out) {
  return produce(out, [&] { return at::fromDLPack(static_cast<DLManagedTensor *>(managed)); });
}

pons_torch_result pons_torch_to_dlpack(pons_torch *tensor, void **managed) {
  return guarded([&] { *managed = at::toDLPack(tensor->tensor); });
}

void pons_torch_dlpack_free(void *managed) {
  auto *tensor = static_cast<DLManagedTensor *>(managed);
  if (tensor != nullptr && tensor->deleter != nullptr) tensor->deleter(tensor);
}

int64_t pons_torch_dimensions(pons_torch *tensor) { return tensor->tensor.dim(); }

void pons_torch_shape(pons_torch *tensor, int64_t *shape) {
  auto sizes = tensor->tensor.sizes();
  std::copy(sizes.begin(), sizes.end(), shape);
}

void pons_torch_strides(pons_torch *tensor, int64_t *strides) {
  auto values = tensor->tensor.strides();
  std::copy(values.begin(), values.end(), strides);
}

int32_t pons_torch_type(pons_torch *tensor) {
  switch (tensor->tensor.scalar_type()) {
  case at::kBool: return PONS_TORCH_BOOL;
  case at::kByte: return PONS_TORCH_UINT8;
  case at::kChar: return PONS_TORCH_INT8;
  case at::kShort: return PONS_TORCH_INT16;
  case at::kInt: return PONS_TORCH_INT32;
  case at::kLong: return PONS_TORCH_INT64;
  case at::kHalf: return PONS_TORCH_FLOAT16;
  case at::kBFloat16: return PONS_TORCH_BFLOAT16;
  case at::kFloat: return PONS_TORCH_FLOAT32;
  case at::kDouble: return PONS_TORCH_FLOAT64;
  default: return PONS_TORCH_OTHER;
  }
}

void pons_torch_device(pons_torch *tensor, int32_t *where, int32_t *index) {
  auto device = tensor->tensor.device();
  *where = device.is_cpu() ? PONS_TORCH_CPU : device.is_cuda() ? PONS_TORCH_CUDA : PONS_TORCH_OTHER_DEVICE;
  *index = device.has_index() ? device.index() : 0;
}

int32_t pons_torch_is_contiguous(pons_torch *tensor, int32_t order) {
  switch (order) {
  case PONS_TORCH_CHANNELS_LAST: return tensor->tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
  case PONS_TORCH_CHANNELS_LAST_3D: return tensor->tensor.is_contiguous(at::MemoryFormat::ChannelsLast3d);
  default: return tensor->tensor.is_contiguous();
  }
}

void *pons_torch_data(pons_torch *tensor) {
  return tensor->tensor.device().is_cpu() ? tensor->tensor.data_ptr() : nullptr;
}

pons_torch_result pons_torch_item(pons_torch *tensor, double *value) {
  return guarded([&] { *value = tensor->tensor.item().toDouble(); });
}

pons_torch_result pons_torch_clone(pons_torch *tensor, pons_torch **out) {
  return produce(out, [&] { return tensor->tensor.clone(); });
}

pons_torch_result pons_torch_to(pons_torch *tensor, int32_t type, int32_t where, int32_t index,
                                pons_torch **out) {
  return produce(out, [&] { return tensor->tensor.to(device(where, index), scalarType(type)); });
}

pons_torch_result pons_torch_contiguous(pons_torch *tensor, int32_t order, pons_torch **out) {
  return produce(out, [&] { return tensor->tensor.contiguous(memoryFormat(order)); });
}

pons_torch_result pons_torch_copy_(pons_torch *tensor, pons_torch *source) {
  return guarded([&] { tensor->tensor.copy_(source->tensor); });
}
