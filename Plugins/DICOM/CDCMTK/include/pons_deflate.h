/*
 * pons_deflate.h - inflating a data set of the deflated transfer syntax, by zlib.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_DEFLATE_H
#define PONS_DEFLATE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PONS_INFLATED 0
#define PONS_INFLATE_DAMAGED 1   /* the stream is not deflate, or ends early */
#define PONS_INFLATE_TOO_LARGE 2 /* more than `limit` bytes come out */
#define PONS_INFLATE_MEMORY 3

/*
 * Inflates raw deflate data; memory grows with what really comes out. `*bytes` is freed with pons_inflate_free(). A byte that
 * fills the data up to an even length may follow the stream, or the trailer of gzip, which is checked.
 */
int32_t pons_inflate(const void *stream, uint64_t size, uint64_t limit, uint8_t **bytes,
                     uint64_t *count);
void pons_inflate_free(uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
