// pons_torch_shapes.h.
// SPDX-License-Identifier: Apache-2.0
#include "pons_torch_shapes.h"

#include "guarded.hpp"

using namespace pons;

pons_torch_result pons_torch_reshape(pons_torch *x, pons_torch_numbers shape, pons_torch **out) {
  return produce(out, [&] { return at::reshape(x->tensor, numbers(shape)); });
}

pons_torch_result pons_torch_permute(pons_torch *x, pons_torch_numbers axes, pons_torch **out) {
  return produce(out, [&] { return x->tensor.permute(numbers(axes)); });
}

pons_torch_result pons_torch_transpose(pons_torch *x, int64_t first, int64_t second, pons_torch **out) {
  return produce(out, [&] { return x->tensor.transpose(first, second); });
}

pons_torch_result pons_torch_expand(pons_torch *x, pons_torch_numbers shape, pons_torch **out) {
  return produce(out, [&] { return x->tensor.expand(numbers(shape)); });
}

pons_torch_result pons_torch_flatten(pons_torch *x, int64_t first, int64_t last, pons_torch **out) {
  return produce(out, [&] { return at::flatten(x->tensor, first, last); });
}

pons_torch_result pons_torch_squeeze(pons_torch *x, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return x->tensor.squeeze(axis); });
}

pons_torch_result pons_torch_unsqueeze(pons_torch *x, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return x->tensor.unsqueeze(axis); });
}

pons_torch_result pons_torch_slice(pons_torch *x, int64_t axis, int64_t start, int64_t end, int64_t step,
                                   pons_torch **out) {
  return produce(out, [&] { return x->tensor.slice(axis, start, end, step); });
}

pons_torch_result pons_torch_select(pons_torch *x, int64_t axis, int64_t index, pons_torch **out) {
  return produce(out, [&] { return x->tensor.select(axis, index); });
}

pons_torch_result pons_torch_index_select(pons_torch *x, int64_t axis, pons_torch *indices, pons_torch **out) {
  return produce(out, [&] { return at::index_select(x->tensor, axis, indices->tensor); });
}

pons_torch_result pons_torch_gather(pons_torch *x, int64_t axis, pons_torch *indices, pons_torch **out) {
  return produce(out, [&] { return at::gather(x->tensor, axis, indices->tensor); });
}

pons_torch_result pons_torch_cat(pons_torch_list list, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return at::cat(tensors(list), axis); });
}

pons_torch_result pons_torch_stack(pons_torch_list list, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return at::stack(tensors(list), axis); });
}

pons_torch_result pons_torch_repeat_interleave(pons_torch *x, int64_t count, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return at::repeat_interleave(x->tensor, count, axis); });
}

pons_torch_result pons_torch_flip(pons_torch *x, pons_torch_numbers axes, pons_torch **out) {
  return produce(out, [&] { return at::flip(x->tensor, numbers(axes)); });
}

pons_torch_result pons_torch_rot90(pons_torch *x, int64_t turns, int64_t first, int64_t second, pons_torch **out) {
  return produce(out, [&] { return at::rot90(x->tensor, turns, {first, second}); });
}

pons_torch_result pons_torch_roll(pons_torch *x, pons_torch_numbers shifts, pons_torch_numbers axes,
                                  pons_torch **out) {
  return produce(out, [&] { return at::roll(x->tensor, numbers(shifts), numbers(axes)); });
}

pons_torch_result pons_torch_pad(pons_torch *x, pons_torch_numbers amounts, double value, pons_torch **out) {
  return produce(out, [&] { return at::constant_pad_nd(x->tensor, numbers(amounts), value); });
}
