/*
 * pons_torch_runtime.h - the library itself: version, BLAS, threads, random numbers. Rules as in pons_torch.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_RUNTIME_H
#define PONS_TORCH_RUNTIME_H

#include "pons_torch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All texts are zero-terminated and live as long as the process. */

/* The version of the library that is loaded: "1.13.0". */
const char *pons_torch_version(void);
/* How the library was built, as it says itself, many lines. */
const char *pons_torch_configuration(void);
/* The instruction set of its own kernels: "AVX2". */
const char *pons_torch_instruction_set(void);
/* The file that answers calls of BLAS; empty when it cannot be told. */
const char *pons_torch_blas_file(void);
/* What OpenBLAS says of itself, or empty when BLAS is another one. */
const char *pons_torch_openblas(void);
/* How many CUDA devices can be used. */
int32_t pons_torch_cuda_devices(void);

/* How many threads a call from this thread may keep busy, in libtorch and in OpenBLAS (whose number is the process's). */
void pons_torch_set_threads(int32_t count);
int32_t pons_torch_threads(void);
/* How many threads this library's own loops really run on: starts one and counts. */
int32_t pons_torch_loop_threads(void);

/* A source of random numbers, used by one thread at a time. */
typedef struct pons_torch_generator pons_torch_generator;
pons_torch_result pons_torch_generator_new(uint64_t seed, pons_torch_generator **out);
void pons_torch_generator_free(pons_torch_generator *generator);
/* Its whole state, uint8 [n]. */
pons_torch_result pons_torch_generator_state(pons_torch_generator *generator, pons_torch **out);
pons_torch_result pons_torch_generator_set_state(pons_torch_generator *generator, pons_torch *state);

/* Fill a tensor: evenly from low to high (excluded); Gaussian; 1 with a probability, else 0. */
pons_torch_result pons_torch_uniform_(pons_torch *x, double low, double high, pons_torch_generator *generator);
pons_torch_result pons_torch_normal_(pons_torch *x, double mean, double deviation,
                                     pons_torch_generator *generator);
pons_torch_result pons_torch_bernoulli_(pons_torch *x, double probability, pons_torch_generator *generator);
/* The numbers from 0 to count - 1 in random order, int64. */
pons_torch_result pons_torch_permutation(int64_t count, pons_torch_generator *generator, pons_torch **out);

#ifdef __cplusplus
}
#endif

#endif
