/*
 * pons_torch_autograd.h - derivatives. Rules as in pons_torch.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_AUTOGRAD_H
#define PONS_TORCH_AUTOGRAD_H

#include "pons_torch.h"

#ifdef __cplusplus
extern "C" {
#endif

int32_t pons_torch_requires_grad(pons_torch *tensor);
pons_torch_result pons_torch_set_requires_grad_(pons_torch *tensor, int32_t wanted);
/* Shares the elements, without the history. */
pons_torch_result pons_torch_detach(pons_torch *tensor, pons_torch **out);
/* Adds the derivatives of a scalar to the gradients of the leaves it was made from. */
pons_torch_result pons_torch_backward(pons_torch *scalar);
/* The gradient of a leaf; NULL in `out` when there is none. */
pons_torch_result pons_torch_grad(pons_torch *tensor, pons_torch **out);
pons_torch_result pons_torch_set_grad_(pons_torch *tensor, pons_torch *gradient);
/* Derivatives of a scalar by each of `inputs`, written to `out` (NULL where there is none). */
pons_torch_result pons_torch_gradients(pons_torch *scalar, pons_torch_list inputs, int32_t keep_graph,
                                       pons_torch **out);
/* Whether this thread records what it computes; answers what was set before. */
int32_t pons_torch_set_recording(int32_t wanted);

#ifdef __cplusplus
}
#endif

#endif
