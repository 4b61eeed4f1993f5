/*
 * pons_dataset.h - the attributes of a DICOM data set, parsed by DCMTK.
 *
 * DCMTK is given memory, never files: what it may look at has been checked before (structure, depth, lengths), because it
 * recurses into sequences and would end the process on a file that nests thousands of them.
 *
 * A data set belongs to one thread at a time. No function prints, exits or throws.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_DATASET_H
#define PONS_DATASET_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pons_dataset pons_dataset;

/* The data set itself, or an item of a sequence in it; lives as long as the data set. */
typedef struct pons_item pons_item;

/* How the elements are encoded. */
#define PONS_IMPLICIT_LITTLE 0
#define PONS_EXPLICIT_LITTLE 1
#define PONS_EXPLICIT_BIG 2

/*
 * Parses the bytes of a data set (without preamble and file meta information), which are copied. Answers NULL and fills
 * in `message` (zero-terminated, at most `capacity` bytes) when DCMTK refuses them.
 */
pons_dataset *pons_dataset_parse(const void *bytes, uint64_t size, int32_t encoding, char *message,
                                 uint64_t capacity);
void pons_dataset_free(pons_dataset *dataset);

pons_item *pons_dataset_root(pons_dataset *dataset);

/* Answers of the functions below that are no count. */
#define PONS_ABSENT (-1)  /* there is no such element */
#define PONS_REFUSED (-2) /* it is there, and its value is not of the kind that was asked for */

/*
 * The value of a text element (all values, separated by backslashes), or of a number in decimal. It becomes UTF-8 by
 * the data set's Specific Character Set. Answers the length of the whole text and copies up to `capacity` bytes of it.
 */
int64_t pons_item_text(pons_item *item, uint16_t group, uint16_t element, char *text,
                       uint64_t capacity);

/*
 * The values of a number, or of a text element that holds decimal numbers (DS, IS). Answers how many there are and
 * copies up to `capacity`; PONS_REFUSED when one of them is not a number.
 */
int64_t pons_item_numbers(pons_item *item, uint16_t group, uint16_t element, double *numbers,
                          uint64_t capacity);

/* The same for decimal numbers of the caller's, separated by backslashes, not empty. */
int64_t pons_decimal_numbers(const void *text, uint64_t size, double *numbers, uint64_t capacity);

/* How many items a sequence has. */
int64_t pons_item_count(pons_item *item, uint16_t group, uint16_t element);

/* One item of a sequence, or NULL. */
pons_item *pons_item_child(pons_item *item, uint16_t group, uint16_t element, uint64_t index);

#ifdef __cplusplus
}
#endif

#endif
