/*
 * pons_torch.h - libtorch's tensors behind a C interface: handles, errors, and what a tensor is.
 *
 * Every function that can fail answers NULL, or a message that the caller gives to pons_torch_message_free. No exception
 * crosses, nothing prints or exits. Results are written to `out` only on success; each is a new handle of the caller's.
 * A handle may be used by any thread, by one at a time when it is changed (functions whose names end in an underscore).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_TORCH_H
#define PONS_TORCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One tensor: a counted reference to libtorch's. */
typedef struct pons_torch pons_torch;

/* NULL, or what went wrong: zero-terminated, allocated. */
typedef char *pons_torch_result;
void pons_torch_message_free(pons_torch_result message);

/* Types of elements. */
#define PONS_TORCH_BOOL 0
#define PONS_TORCH_UINT8 1
#define PONS_TORCH_INT8 2
#define PONS_TORCH_INT16 3
#define PONS_TORCH_INT32 4
#define PONS_TORCH_INT64 5
#define PONS_TORCH_FLOAT16 6
#define PONS_TORCH_BFLOAT16 7
#define PONS_TORCH_FLOAT32 8
#define PONS_TORCH_FLOAT64 9
#define PONS_TORCH_OTHER (-1) /* only as an answer */

/* Devices. */
#define PONS_TORCH_CPU 0
#define PONS_TORCH_CUDA 1
#define PONS_TORCH_OTHER_DEVICE (-1) /* only as an answer */

/* Orders of a tensor's elements in memory. */
#define PONS_TORCH_CONTIGUOUS 0
#define PONS_TORCH_CHANNELS_LAST 1    /* [n, c, h, w] with c fastest */
#define PONS_TORCH_CHANNELS_LAST_3D 2 /* [n, c, d, h, w] with c fastest */

/* Shapes, axes and strides: `count` numbers, slowest axis first; strides in elements. */
typedef struct pons_torch_numbers {
  const int64_t *values;
  int64_t count;
} pons_torch_numbers;

/* A borrowed list of handles. */
typedef struct pons_torch_list {
  pons_torch *const *handles;
  int64_t count;
} pons_torch_list;

void pons_torch_free(pons_torch *tensor);

/* MARK: Made of nothing */

/* Elements are left as they are. */
pons_torch_result pons_torch_empty(pons_torch_numbers shape, int32_t type, int32_t device, int32_t index,
                                   pons_torch **out);
pons_torch_result pons_torch_full(pons_torch_numbers shape, double value, int32_t type, int32_t device,
                                  int32_t index, pons_torch **out);
/* start, start + step, ... below end. */
pons_torch_result pons_torch_arange(double start, double end, double step, int32_t type, pons_torch **out);

/* MARK: Memory of others */

/* A tensor on memory of the caller, which stays until `release(context)` is called, on any thread, once. `release` is
 * called on failure too. */
pons_torch_result pons_torch_borrow(void *data, pons_torch_numbers shape, pons_torch_numbers strides,
                                    int32_t type, void (*release)(void *), void *context,
                                    pons_torch **out);
/* A DLManagedTensor, consumed on success; and one that shares memory with `tensor`, owned by the caller. */
pons_torch_result pons_torch_from_dlpack(void *managed, pons_torch **out);
pons_torch_result pons_torch_to_dlpack(pons_torch *tensor, void **managed);
/* Calls the deleter of a DLManagedTensor. */
void pons_torch_dlpack_free(void *managed);

/* MARK: What it is */

int64_t pons_torch_dimensions(pons_torch *tensor);
/* Both write as many numbers as there are dimensions. */
void pons_torch_shape(pons_torch *tensor, int64_t *shape);
void pons_torch_strides(pons_torch *tensor, int64_t *strides);
int32_t pons_torch_type(pons_torch *tensor);
void pons_torch_device(pons_torch *tensor, int32_t *device, int32_t *index);
int32_t pons_torch_is_contiguous(pons_torch *tensor, int32_t order);
/* First element; NULL when it is not in the machine's memory. */
void *pons_torch_data(pons_torch *tensor);
/* The only element, as a double. */
pons_torch_result pons_torch_item(pons_torch *tensor, double *value);

/* MARK: Copies */

pons_torch_result pons_torch_clone(pons_torch *tensor, pons_torch **out);
/* Shares memory when nothing is to be changed. */
pons_torch_result pons_torch_to(pons_torch *tensor, int32_t type, int32_t device, int32_t index,
                                pons_torch **out);
pons_torch_result pons_torch_contiguous(pons_torch *tensor, int32_t order, pons_torch **out);
/* Writes the elements of `source`, converted and broadcast, into `tensor`. */
pons_torch_result pons_torch_copy_(pons_torch *tensor, pons_torch *source);

#ifdef __cplusplus
}
#endif

#endif
