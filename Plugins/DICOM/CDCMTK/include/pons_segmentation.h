/*
 * pons_segmentation.h - a DICOM Segmentation object, put together by DCMTK (dcmseg): segments, frames, functional groups, dimensions.
 *
 * What a file of any kind has (patient, study, series, equipment) is set afterwards in the header that the object is moved to.
 *
 * A segmentation belongs to one thread at a time. No function prints, exits or throws. Texts are in UTF-8 and have been checked by
 * the caller. Functions that can fail answer 0, or -1 with the reason in `message` (zero-terminated, at most `capacity` bytes).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SEGMENTATION_H
#define PONS_SEGMENTATION_H

#include <stdint.h>

#include "pons_writing.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pons_segmentation pons_segmentation;

/* An entry of a coding scheme (DICOM PS3.3 8). */
typedef struct pons_code {
  const char *value;
  const char *scheme;
  const char *meaning;
} pons_code;

/* What all frames have in common. Numbers in decimal; lengths in mm. */
typedef struct pons_segmentation_facts {
  uint16_t rows;
  uint16_t columns;
  const char *orientation[6];       /* directions of rows and of columns, LPS */
  const char *pixel_spacing;        /* between rows\between columns */
  const char *slice_thickness;
  const char *slice_distance;
  const char *frame_of_reference;   /* UID */
  const char *dimensions;           /* UID of the organization of dimensions */
  const char *label;                /* of the content; upper case */
  const char *description;
  const char *creator;              /* a person's name */
  const char *manufacturer;         /* of what made it, with model, serial number and version */
  const char *model;
  const char *serial;
  const char *version;
} pons_segmentation_facts;

/* An object without segments and frames, or NULL. */
pons_segmentation *pons_segmentation_make(const pons_segmentation_facts *facts, char *message,
                                          uint64_t capacity);
void pons_segmentation_free(pons_segmentation *segmentation);

/* What a segment is, and the algorithm that found it. Segments are numbered from 1. */
typedef struct pons_segment {
  const char *label;
  pons_code category;
  pons_code type;
  pons_code region; /* of the body; its value may be NULL: not said */
  pons_code family; /* of the algorithm */
  const char *algorithm;
  const char *version;
} pons_segment;

int32_t pons_segmentation_add_segment(pons_segmentation *segmentation, const pons_segment *segment,
                                      char *message, uint64_t capacity);

/* A frame: which voxels of a plane belong to a segment. */
typedef struct pons_segment_frame {
  uint16_t segment;          /* its number */
  const uint8_t *pixels;     /* rows * columns, 0 or 1; copied */
  const char *position[3];   /* center of the first pixel, LPS, mm */
  uint32_t plane;            /* number of the plane along the normal, from 1 */
  const char *source_class;  /* the image that it was found in */
  const char *source;        /* UID */
  uint16_t source_frame;     /* from 1; 0: the image has one frame */
} pons_segment_frame;

int32_t pons_segmentation_add_frame(pons_segmentation *segmentation,
                                    const pons_segment_frame *frame, char *message,
                                    uint64_t capacity);

/*
 * Moves the object, except for its pixels, to a header that was just made. `*pixels` are one bit a voxel as the element Pixel Data has
 * them, and stay valid until the segmentation is freed. Answers the number of bytes, even, or -1.
 */
int64_t pons_segmentation_move(pons_segmentation *segmentation, pons_header *header,
                               const uint8_t **pixels, char *message, uint64_t capacity);

#ifdef __cplusplus
}
#endif

#endif
