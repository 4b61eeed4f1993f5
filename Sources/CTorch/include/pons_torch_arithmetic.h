/*
 * pons_torch_arithmetic.h - element by element, products of matrices, and sums.
 * Rules as in pons_torch.h. Shapes broadcast and types promote as in PyTorch.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_ARITHMETIC_H
#define PONS_TORCH_ARITHMETIC_H

#include "pons_torch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PONS_TORCH_NEGATIVE 0
#define PONS_TORCH_ABSOLUTE 1
#define PONS_TORCH_EXP 2
#define PONS_TORCH_LOG 3
#define PONS_TORCH_SQRT 4
#define PONS_TORCH_RSQRT 5
#define PONS_TORCH_SIN 6
#define PONS_TORCH_COS 7
#define PONS_TORCH_TANH 8
#define PONS_TORCH_SIGMOID 9
#define PONS_TORCH_RELU 10
#define PONS_TORCH_GELU 11      /* by the error function */
#define PONS_TORCH_GELU_TANH 12 /* its approximation by tanh */
#define PONS_TORCH_SILU 13
#define PONS_TORCH_ROUND 14
#define PONS_TORCH_FLOOR 15
#define PONS_TORCH_LOGICAL_NOT 16
pons_torch_result pons_torch_unary(int32_t operation, pons_torch *x, pons_torch **out);
/* The same in place; not for LOGICAL_NOT of numbers. */
pons_torch_result pons_torch_unary_(int32_t operation, pons_torch *x);
pons_torch_result pons_torch_leaky_relu(pons_torch *x, double slope, pons_torch **out);

#define PONS_TORCH_ADD 0
#define PONS_TORCH_SUBTRACT 1
#define PONS_TORCH_MULTIPLY 2
#define PONS_TORCH_DIVIDE 3
#define PONS_TORCH_POWER 4
#define PONS_TORCH_MAXIMUM 5
#define PONS_TORCH_MINIMUM 6
#define PONS_TORCH_EQUAL 7
#define PONS_TORCH_NOT_EQUAL 8
#define PONS_TORCH_LESS 9
#define PONS_TORCH_LESS_EQUAL 10
#define PONS_TORCH_GREATER 11
#define PONS_TORCH_GREATER_EQUAL 12
#define PONS_TORCH_AND 13
#define PONS_TORCH_OR 14
pons_torch_result pons_torch_binary(int32_t operation, pons_torch *x, pons_torch *y, pons_torch **out);
pons_torch_result pons_torch_binary_scalar(int32_t operation, pons_torch *x, double y, pons_torch **out);
/* In place; ADD to DIVIDE only. */
pons_torch_result pons_torch_binary_(int32_t operation, pons_torch *x, pons_torch *y);
pons_torch_result pons_torch_binary_scalar_(int32_t operation, pons_torch *x, double y);

/* x + scale * y; x + scale * y * z; x + scale * y / z, in place. */
pons_torch_result pons_torch_add_scaled_(pons_torch *x, pons_torch *y, double scale);
pons_torch_result pons_torch_add_product_(pons_torch *x, pons_torch *y, pons_torch *z, double scale);
pons_torch_result pons_torch_add_quotient_(pons_torch *x, pons_torch *y, pons_torch *z, double scale);
/* x + weight * (y - x), in place. */
pons_torch_result pons_torch_lerp_(pons_torch *x, pons_torch *y, double weight);
pons_torch_result pons_torch_fill_(pons_torch *x, double value);

/* NaN as a bound means none. */
pons_torch_result pons_torch_clamp(pons_torch *x, double low, double high, pons_torch **out);
/* Where `condition` (bool) holds x, else y. */
pons_torch_result pons_torch_where(pons_torch *condition, pons_torch *x, pons_torch *y, pons_torch **out);

pons_torch_result pons_torch_matmul(pons_torch *x, pons_torch *y, pons_torch **out);
/* beta * c + alpha * x @ y for [b, n, k] and [b, k, m]; c broadcasts. */
pons_torch_result pons_torch_baddbmm(pons_torch *c, pons_torch *x, pons_torch *y, double beta, double alpha,
                                     pons_torch **out);

/* MARK: Over axes; no axes means all */

#define PONS_TORCH_SUM 0
#define PONS_TORCH_MEAN 1
#define PONS_TORCH_LARGEST 2
#define PONS_TORCH_SMALLEST 3
#define PONS_TORCH_VARIANCE 4 /* of the population: divided by n */
#define PONS_TORCH_ANY 5      /* of one axis or all */
#define PONS_TORCH_ALL 6
pons_torch_result pons_torch_reduce(int32_t operation, pons_torch *x, pons_torch_numbers axes, int32_t keep,
                                    pons_torch **out);
/* Index of the (first) largest element, int64. */
pons_torch_result pons_torch_argmax(pons_torch *x, int64_t axis, int32_t keep, pons_torch **out);
/* Square root of the sum of squares. */
pons_torch_result pons_torch_norm(pons_torch *x, pons_torch_numbers axes, int32_t keep, pons_torch **out);
pons_torch_result pons_torch_softmax(pons_torch *x, int64_t axis, pons_torch **out);
pons_torch_result pons_torch_log_softmax(pons_torch *x, int64_t axis, pons_torch **out);
pons_torch_result pons_torch_cumulative_sum(pons_torch *x, int64_t axis, pons_torch **out);

#ifdef __cplusplus
}
#endif

#endif
