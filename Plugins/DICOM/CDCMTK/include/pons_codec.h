/*
 * pons_codec.h - decoding of one compressed frame by DCMTK: JPEG (baseline, extended, lossless) and JPEG-LS.
 *
 * What DCMTK only warns about (a stream that ends early, a Huffman code that does not exist, a segment that is filled up) is
 * an error here: a picture that was guessed in part must never become a volume.
 *
 * Any number of threads may decode at the same time. No function prints, exits or throws.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_CODEC_H
#define PONS_CODEC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the data set says about a frame of one sample a pixel. */
typedef struct pons_frame {
  uint16_t rows;
  uint16_t columns;
  uint16_t bits_allocated; /* 8 or 16 */
  uint16_t bits_stored;
  uint16_t is_signed;
} pons_frame;

/* One if the transfer syntax is decoded here. */
int32_t pons_codec_knows(const char *transfer_syntax);

/*
 * Decodes a frame whose codestream is in one piece. `pixels` has room for rows * columns pixels of bits_allocated bits,
 * native byte order. Answers 0, or -1 with the reason in `message` (zero-terminated).
 */
int32_t pons_codec_decode(const char *transfer_syntax, const pons_frame *frame, const void *stream,
                          uint64_t size, void *pixels, uint64_t pixel_bytes, char *message,
                          uint64_t capacity);

#ifdef __cplusplus
}
#endif

#endif
