/*
 * pons_torch_inference.h - steps of networks in use that libtorch takes several passes over the memory for.
 * Rules as in pons_torch.h. For float32 on the processor, in C order, without derivatives; anything else is refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_INFERENCE_H
#define PONS_TORCH_INFERENCE_H

#include "pons_torch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* gelu(x + bias) by the error function (to 3e-7), in place, for x [..., c]; bias [c] or NULL. */
pons_torch_result pons_torch_bias_gelu_(pons_torch *x, pons_torch *bias);
/* A 3 x 3 convolution of each channel by itself, padded by 1: x [n, h, w, c], weight [9, c], bias [c] ->
 * [n, (h - 1) / stride + 1, (w - 1) / stride + 1, c]; GELU of it when `gelu` is not 0. */
pons_torch_result pons_torch_depthwise(pons_torch *x, pons_torch *weight, pons_torch *bias, int64_t stride, int32_t gelu,
                                       pons_torch **out);
/* Attention inside windows of size x size positions, without copying the windows:
 * softmax(q k^T / sqrt(d) + bias) v for each window and head.
 * qkv [n, h, w, heads, 3, d]; where a window reaches beyond the map, its positions hold `padding` [heads, 3, d];
 * bias [heads, size^2, size^2] -> [n, h, w, heads, d]. */
pons_torch_result pons_torch_window_attention(pons_torch *qkv, pons_torch *padding, pons_torch *bias, int64_t size,
                                              pons_torch **out);

#ifdef __cplusplus
}
#endif

#endif
