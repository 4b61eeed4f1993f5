/*
 * pons_floor.h - the least time in which gzip data can be inflated: libdeflate at once, from memory to memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_FLOOR_H
#define PONS_FLOOR_H

#include <stdint.h>

/* Inflates one gzip member. Answers the number of bytes, or 0 when that failed. */
uint64_t pons_floor_inflate(const void *input, uint64_t size, void *output, uint64_t capacity);

#endif
