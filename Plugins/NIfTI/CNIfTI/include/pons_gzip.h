/*
 * pons_gzip.h - gzip for the NIfTI plugin: ISA-L inflates piece by piece, straight into the memory where the bytes
 * belong; libdeflate compresses, because its output is the same on every processor.
 *
 * An inflater belongs to one thread at a time. No function prints or exits.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_GZIP_H
#define PONS_GZIP_H

#include <stdint.h>

typedef struct pons_inflater pons_inflater;

/* What pons_inflater_run answers. */
#define PONS_INFLATER_MORE 0     /* all input is used, or all space is filled */
#define PONS_INFLATER_END 1      /* a gzip member has ended and its length and checksum are right */
#define PONS_INFLATER_HEADER 2   /* no gzip member begins here */
#define PONS_INFLATER_DATA 3     /* the compressed data are damaged */
#define PONS_INFLATER_CHECKSUM 4 /* length or checksum at the end of the member are wrong */

/* NULL when there is no memory. Ready for the first member. */
pons_inflater *pons_inflater_create(void);
void pons_inflater_destroy(pons_inflater *inflater);

/* Gets ready for the next gzip member. */
void pons_inflater_restart(pons_inflater *inflater);

/*
 * How many bytes in front of `input` pons_inflater_run() may look at again: the end of what it was given before. At
 * the end of a member, ISA-L gives back the whole bytes that it holds in its 64-bit register, and those may have come with
 * the call before.
 */
#define PONS_INFLATER_HISTORY 512

/*
 * Inflates from `input` to `output`, at most 2^31 bytes a call. `*used` is how far the input was used: it is negative when
 * bytes of the call before were given back. The checksum of the member is updated on the way.
 */
int32_t pons_inflater_run(pons_inflater *inflater, const uint8_t *input, uint64_t input_size,
                          uint8_t *output, uint64_t output_size, int64_t *used, uint64_t *made);

/* The most bytes that compressing `size` bytes behind a front of `front_size` bytes can take. */
uint64_t pons_gzip_bound(uint64_t front_size, uint64_t size);

/*
 * Compresses into one gzip member without a name and with time 0: a short front, which is stored as it is, so that it need not
 * lie in front of the rest in memory, and the rest. `level` is 1 (fast) to 12 (small). Answers the number of bytes
 * written, or 0 when there was no memory or less space than pons_gzip_bound().
 */
uint64_t pons_gzip_compress(int32_t level, const void *front, uint64_t front_size, const void *input,
                            uint64_t size, void *output, uint64_t capacity);

#endif
