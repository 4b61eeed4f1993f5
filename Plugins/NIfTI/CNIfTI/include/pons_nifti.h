/*
 * pons_nifti.h - the part of niftilib that the NIfTI plugin uses: values in, values out, no files.
 *
 * niftilib is kept away from files on purpose. Asked for the voxels of x.nii.gz it prefers a sibling x.nii, and
 * it does not notice a wrong checksum in a gzip file.
 *
 * Every function may be called on any thread. None of them prints, exits or keeps memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_NIFTI_H
#define PONS_NIFTI_H

#include <stdint.h>

/*
 * What niftilib reads out of a header, in double precision. Matrices are the first three rows of a 4 x 4 matrix,
 * row by row, that maps voxel indices to the units of the file.
 */
typedef struct pons_nifti_image {
  int64_t dim[8];
  int32_t datatype;
  int32_t bytes_per_voxel;
  int32_t qform_code;
  int32_t sform_code;
  int32_t space_units; /* NIFTI_UNITS_METER 1, MM 2, MICRON 3; 0: unknown */
  int32_t is_swapped; /* the byte order is not that of this machine */
  double spacing[3]; /* pixdim[1...3] */
  double sform[12];  /* zeros when sform_code is 0 */
} pons_nifti_image;

/*
 * Reads a NIfTI-1 (348 bytes) or NIfTI-2 (540 bytes) header in either byte order. The caller has checked
 * sizeof_hdr, dim and datatype before: niftilib writes to stderr when it finds them wrong.
 * Answers 0, or -1 when niftilib refuses the header.
 */
int32_t pons_nifti_decode(const void *header, uint64_t length, pons_nifti_image *image);

/*
 * The rotation and scaling that a quaternion (b, c, d), three voxel sizes and qfac (1 or -1) stand for: `matrix`
 * is 3 x 3, row by row. a is the non-negative number that makes (a, b, c, d) a unit quaternion; where
 * a * a comes out within `threshold` of 0, a is taken as 0 (a half turn).
 * Answers 0, or -1 when b * b + c * c + d * d is greater than 1 by more than `tolerance`.
 *
 * Formula: the NIfTI-1 standard, method 2.
 */
int32_t pons_nifti_rotation(const double quaternion[3], const double spacing[3], double qfac,
                            double threshold, double tolerance, double matrix[9]);

/*
 * The other way round: the quaternion of the rotation that is nearest to a 3 x 4 matrix.
 */
void pons_nifti_quaternion(const double matrix[12], double quaternion[3], double offset[3],
                           double spacing[3], double *qfac);

#endif
