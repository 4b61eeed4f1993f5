/*
 * pons_torch_layers.h - what layers of networks compute. Rules as in pons_torch.h; NULL stands for a weight that is not there.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_LAYERS_H
#define PONS_TORCH_LAYERS_H

#include "pons_torch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x [..., in], weight [out, in], bias [out] -> [..., out]. */
pons_torch_result pons_torch_linear(pons_torch *x, pons_torch *weight, pons_torch *bias, pons_torch **out);
/* x [n, c, ...] with one (1d), two or three axes after the channels; weight [out, c / groups, ...], or
 * [c, out / groups, ...] when it is transposed. One number for each axis in stride, padding, dilation and
 * output_padding (which only transposed convolutions use). */
pons_torch_result pons_torch_convolution(pons_torch *x, pons_torch *weight, pons_torch *bias,
                                         pons_torch_numbers stride, pons_torch_numbers padding,
                                         pons_torch_numbers dilation, int32_t transposed,
                                         pons_torch_numbers output_padding, int64_t groups, pons_torch **out);
/* When training, statistics of the batch are used, and the running ones are updated. */
pons_torch_result pons_torch_batch_norm(pons_torch *x, pons_torch *weight, pons_torch *bias, pons_torch *mean,
                                        pons_torch *variance, int32_t training, double momentum, double eps,
                                        pons_torch **out);
pons_torch_result pons_torch_layer_norm(pons_torch *x, pons_torch_numbers shape, pons_torch *weight,
                                        pons_torch *bias, double eps, pons_torch **out);
pons_torch_result pons_torch_instance_norm(pons_torch *x, pons_torch *weight, pons_torch *bias, double eps,
                                           pons_torch **out);
pons_torch_result pons_torch_group_norm(pons_torch *x, int64_t groups, pons_torch *weight, pons_torch *bias,
                                        double eps, pons_torch **out);
/* Rows of weight [count, size] by int64 indices of any shape. */
pons_torch_result pons_torch_embedding(pons_torch *weight, pons_torch *indices, pons_torch **out);
/* softmax(scale * q @ k^T + bias) @ v for [..., n, d], [..., m, d], [..., m, e]; bias may be NULL or broadcast to
 * [..., n, m]. */
pons_torch_result pons_torch_attention(pons_torch *q, pons_torch *k, pons_torch *v, pons_torch *bias, double scale,
                                       pons_torch **out);

#define PONS_TORCH_NEAREST 0
#define PONS_TORCH_LINEAR 1 /* linear, bilinear or trilinear */
#define PONS_TORCH_BICUBIC 2
/* Resizes the axes after the channels to `size`. `antialias` (not for NEAREST, two axes only) as in PyTorch. */
pons_torch_result pons_torch_upsample(pons_torch *x, pons_torch_numbers size, int32_t mode, int32_t align_corners,
                                      int32_t antialias, pons_torch **out);
pons_torch_result pons_torch_max_pool(pons_torch *x, pons_torch_numbers kernel, pons_torch_numbers stride,
                                      pons_torch_numbers padding, pons_torch **out);
pons_torch_result pons_torch_average_pool(pons_torch *x, pons_torch_numbers kernel, pons_torch_numbers stride,
                                          pons_torch_numbers padding, pons_torch **out);
/* Mean cross-entropy of logits [n, classes, ...] and int64 classes [n, ...]; weight [classes] or NULL. */
pons_torch_result pons_torch_cross_entropy(pons_torch *logits, pons_torch *classes, pons_torch *weight,
                                           int64_t ignored, double smoothing, pons_torch **out);
/* Mean binary cross-entropy of logits and probabilities of one shape. */
pons_torch_result pons_torch_binary_cross_entropy(pons_torch *logits, pons_torch *targets, pons_torch **out);

#ifdef __cplusplus
}
#endif

#endif
