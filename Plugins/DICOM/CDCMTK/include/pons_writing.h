/*
 * pons_writing.h - the header of a DICOM file that is being made, put together and encoded by DCMTK.
 *
 * Pixels never pass through here: what is encoded ends with the head of the element Pixel Data, and whoever writes the file
 * puts the pixels behind it as they lie in memory.
 *
 * A header belongs to one thread at a time. No function prints, exits or throws.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_WRITING_H
#define PONS_WRITING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pons_header pons_header;

/* An empty header, or NULL. Texts are in UTF-8, and it says so. */
pons_header *pons_header_make(void);
void pons_header_free(pons_header *header);

/*
 * Sets an element; its value representation is the dictionary's. `text` holds its values, several separated by backslashes, numbers in
 * decimal; an empty text makes an element without value. Answers 0, or -1 when the value representation does not
 * allow the value: then there is no such element.
 */
int32_t pons_header_set(pons_header *header, uint16_t group, uint16_t element, const char *text);

/*
 * Adds an item to a sequence; elements go into it until it is ended, and so do items of items. Answers 0, or -1 when the element is
 * no sequence.
 */
int32_t pons_header_begin_item(pons_header *header, uint16_t group, uint16_t element);

/* Ends the item that was begun last. */
void pons_header_end_item(pons_header *header);

/*
 * Encodes preamble, file meta information (for Explicit VR Little Endian) and data set, and the head of Pixel Data, which is
 * OB for 8 bits a pixel and OW for 16, and has `pixel_bytes` bytes (an even number). `*bytes` stays valid until the header is changed or
 * freed. Answers their number, or -1 with the reason in `message` (zero-terminated).
 */
int64_t pons_header_encode(pons_header *header, uint32_t pixel_bytes, const uint8_t **bytes,
                           char *message, uint64_t capacity);

#ifdef __cplusplus
}
#endif

#endif
