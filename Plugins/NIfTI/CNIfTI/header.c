#include "pons_nifti.h"

#include <float.h>
#include <math.h>
#include <nifti/nifti2_io.h>
#include <string.h>

int32_t pons_nifti_decode(const void *header, uint64_t length, pons_nifti_image *image) {
  nifti_image *parsed = NULL;
  if (length == sizeof(nifti_1_header)) {
    nifti_1_header copy;
    memcpy(&copy, header, sizeof copy);
    parsed = nifti_convert_n1hdr2nim(copy, NULL);
  } else if (length == sizeof(nifti_2_header)) {
    nifti_2_header copy;
    memcpy(&copy, header, sizeof copy);
    parsed = nifti_convert_n2hdr2nim(copy, NULL);
  }
  if (parsed == NULL) return -1;
  for (int index = 0; index < 8; ++index) image->dim[index] = parsed->dim[index];
  image->datatype = parsed->datatype;
  image->bytes_per_voxel = parsed->nbyper;
  image->qform_code = parsed->qform_code;
  image->sform_code = parsed->sform_code;
  image->space_units = parsed->xyz_units;
  image->is_swapped = parsed->byteorder != nifti_short_order();
  image->spacing[0] = parsed->dx;
  image->spacing[1] = parsed->dy;
  image->spacing[2] = parsed->dz;
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 4; ++column)
      image->sform[4 * row + column] = parsed->sform_code > 0 ? parsed->sto_xyz.m[row][column] : 0;
  nifti_image_free(parsed);
  return 0;
}

/*
 * Not niftilib's function of the same purpose: that one works in double, and its results differ from nibabel's in the
 * last bits. Here the widest type of the machine is used and rounded once, as nibabel does.
 */
int32_t pons_nifti_rotation(const double quaternion[3], const double spacing[3], double qfac,
                            double threshold, double tolerance, double matrix[9]) {
  const long double b = quaternion[0], c = quaternion[1], d = quaternion[2];
  const long double square = 1.0L - (b * b + c * c + d * d);
  if (!(square >= -(long double)tolerance)) return -1;
  const long double a = square < threshold ? 0.0L : sqrtl(square);
  const long double norm = a * a + b * b + c * c + d * d;
  const long double twice = norm < DBL_EPSILON ? 0.0L : 2.0L / norm;
  const long double cell[3] = {spacing[0], spacing[1], spacing[2] * (long double)qfac};
  const long double rotation[9] = {
      1.0L - (c * (c * twice) + d * (d * twice)), b * (c * twice) - a * (d * twice),
      b * (d * twice) + a * (c * twice),          b * (c * twice) + a * (d * twice),
      1.0L - (b * (b * twice) + d * (d * twice)), c * (d * twice) - a * (b * twice),
      b * (d * twice) - a * (c * twice),          c * (d * twice) + a * (b * twice),
      1.0L - (b * (b * twice) + c * (c * twice))};
  /* Adding 0 turns -0 into 0. */
  for (int index = 0; index < 9; ++index)
    matrix[index] = (double)(rotation[index] * cell[index % 3] + 0.0L);
  return 0;
}

void pons_nifti_quaternion(const double matrix[12], double quaternion[3], double offset[3],
                           double spacing[3], double *qfac) {
  nifti_dmat44 full;
  memset(&full, 0, sizeof full);
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 4; ++column) full.m[row][column] = matrix[4 * row + column];
  full.m[3][3] = 1;
  nifti_dmat44_to_quatern(full, &quaternion[0], &quaternion[1], &quaternion[2], &offset[0],
                          &offset[1], &offset[2], &spacing[0], &spacing[1], &spacing[2], qfac);
}
