/*
 * pons_torch_shapes.h - other views on the same elements, parts of tensors, and tensors put together.
 * Rules as in pons_torch.h. Views share memory where PyTorch's do. Negative axes count from the end.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_SHAPES_H
#define PONS_TORCH_SHAPES_H

#include "pons_torch.h"

#ifdef __cplusplus
extern "C" {
#endif

pons_torch_result pons_torch_reshape(pons_torch *x, pons_torch_numbers shape, pons_torch **out);
pons_torch_result pons_torch_permute(pons_torch *x, pons_torch_numbers axes, pons_torch **out);
pons_torch_result pons_torch_transpose(pons_torch *x, int64_t first, int64_t second, pons_torch **out);
/* -1 keeps a size. */
pons_torch_result pons_torch_expand(pons_torch *x, pons_torch_numbers shape, pons_torch **out);
pons_torch_result pons_torch_flatten(pons_torch *x, int64_t first, int64_t last, pons_torch **out);
pons_torch_result pons_torch_squeeze(pons_torch *x, int64_t axis, pons_torch **out);
pons_torch_result pons_torch_unsqueeze(pons_torch *x, int64_t axis, pons_torch **out);
/* Elements start, start + step, ... below end of an axis, as a view. */
pons_torch_result pons_torch_slice(pons_torch *x, int64_t axis, int64_t start, int64_t end, int64_t step,
                                   pons_torch **out);
pons_torch_result pons_torch_select(pons_torch *x, int64_t axis, int64_t index, pons_torch **out);
/* Rows by int64 indices [n]. */
pons_torch_result pons_torch_index_select(pons_torch *x, int64_t axis, pons_torch *indices, pons_torch **out);
pons_torch_result pons_torch_gather(pons_torch *x, int64_t axis, pons_torch *indices, pons_torch **out);
pons_torch_result pons_torch_cat(pons_torch_list tensors, int64_t axis, pons_torch **out);
pons_torch_result pons_torch_stack(pons_torch_list tensors, int64_t axis, pons_torch **out);
/* Each element of an axis `count` times in a row. */
pons_torch_result pons_torch_repeat_interleave(pons_torch *x, int64_t count, int64_t axis, pons_torch **out);
pons_torch_result pons_torch_flip(pons_torch *x, pons_torch_numbers axes, pons_torch **out);
/* Quarter turns in the plane of two axes. */
pons_torch_result pons_torch_rot90(pons_torch *x, int64_t turns, int64_t first, int64_t second, pons_torch **out);
pons_torch_result pons_torch_roll(pons_torch *x, pons_torch_numbers shifts, pons_torch_numbers axes,
                                  pons_torch **out);
/* Elements before and after, last axis first, with a constant. */
pons_torch_result pons_torch_pad(pons_torch *x, pons_torch_numbers amounts, double value, pons_torch **out);

#ifdef __cplusplus
}
#endif

#endif
