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

/* What a codestream of one component says about itself; read from its header before. */
typedef struct pons_jpeg2000 {
  uint32_t columns;
  uint32_t rows;
  uint32_t precision; /* bits a pixel */
  uint32_t is_signed;
  /*
   * Where the depth of the component stands in a stream that was coded without loss; 0 otherwise. The library cuts what
   * exceeds the depth; it is told a greater one, so that such values, which only a damaged stream has, are seen.
   */
  uint64_t depth_offset;
} pons_jpeg2000;

/*
 * Decodes a codestream (bare, or in a JP2 file). `pixels` gets 8-bit (`bytes_per_pixel` 1) or 16-bit (2) numbers in native
 * byte order; values that do not fit into the precision are an error. Answers 0, or -1 with the reason in `message`
 * (zero-terminated).
 */
int32_t pons_openjpeg_decode(const void *stream, uint64_t size, const pons_jpeg2000 *coded,
                             uint32_t bytes_per_pixel, void *pixels, char *message,
                             uint64_t capacity);

#ifdef __cplusplus
}
#endif

#endif
