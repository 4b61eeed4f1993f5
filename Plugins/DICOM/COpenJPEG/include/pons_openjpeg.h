/*
 * pons_openjpeg.h - decoding of one JPEG 2000 codestream by OpenJPEG, in strict mode.
 *
 * GDCM decodes with the same library, but tells nobody what the library warns about: it makes a picture of a stream
 * that is cut off. Here every warning of the decoder is an error.
 *
 * Any number of threads may decode at the same time. No function prints, exits or throws.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_OPENJPEG_H
#define PONS_OPENJPEG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a codestream says about itself. */
typedef struct pons_jpeg2000 {
  uint32_t columns;
  uint32_t rows;
  uint32_t components;
  uint32_t precision;
  uint32_t is_signed;
} pons_jpeg2000;

/*
 * Decodes a codestream (bare, or in a JP2 file) of one component. Its size must be `columns` x `rows`. `pixels` gets them
 * as 8-bit (`bytes_per_pixel` 1) or 16-bit (2) numbers in native byte order; values that do not fit are an error.
 * Answers 0 and fills in `found`, or -1 with the reason in `message` (zero-terminated).
 */
int32_t pons_openjpeg_decode(const void *stream, uint64_t size, uint32_t columns, uint32_t rows,
                             uint32_t bytes_per_pixel, void *pixels, pons_jpeg2000 *found,
                             char *message, uint64_t capacity);

#ifdef __cplusplus
}
#endif

#endif
