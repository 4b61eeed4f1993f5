/// A NIfTI-1 or NIfTI-2 header, field by field as the file has it. Floats of NIfTI-1 are widened to double, which
/// keeps every bit of a number.
package struct NIfTIHeader: Sendable, Equatable {
  /// 1 or 2.
  package var version = 1
  /// Byte order of header and voxels.
  package var isBigEndian = false
  /// Header and voxels are in one file (`.nii`), not in a pair (`.hdr` and `.img`).
  package var isSingleFile = true

  /// `dim[0]` is the number of dimensions, then x, y, z, t, u, v, w.
  package var dim = [Int](repeating: 1, count: 8)
  /// Voxel type, as the code of the file.
  package var datatype = 0
  /// Bits of a voxel.
  package var bitpix = 0
  /// Byte offset of the first voxel.
  package var voxelOffset = 0
  /// `pixdim[0]` is qfac; then voxel sizes.
  package var pixdim = [Double](repeating: 0, count: 8)
  /// `scl_slope` and `scl_inter`.
  package var slope = 0.0
  package var intercept = 0.0

  /// `xyzt_units`: bits 0-2 for space, 3-5 for time.
  package var units = 0
  package var qformCode = 0
  package var sformCode = 0
  /// `quatern_b`, `quatern_c`, `quatern_d`.
  package var quaternion = [0.0, 0.0, 0.0]
  /// `qoffset_x`, `qoffset_y`, `qoffset_z`.
  package var qformOffset = [0.0, 0.0, 0.0]
  /// `srow_x`, `srow_y`, `srow_z`.
  package var sform = [Double](repeating: 0, count: 12)

  package var intentCode = 0
  package var intentParameters = [0.0, 0.0, 0.0]
  package var intentName: [UInt8] = []
  package var dimInfo = 0
  package var sliceStart = 0
  package var sliceEnd = 0
  package var sliceCode = 0
  package var sliceDuration = 0.0
  package var timeOffset = 0.0
  package var displayMaximum = 0.0
  package var displayMinimum = 0.0
  /// `descrip`: free text, may name the patient.
  package var description: [UInt8] = []
  /// `aux_file`.
  package var auxiliaryFile: [UInt8] = []

  /// A header of zeros.
  package init() { dim[0] = 3 }

  var layout: HeaderLayout { version == 2 ? .version2 : .version1 }

  /// Columns, rows, slices.
  package var gridSize: (x: Int, y: Int, z: Int) { (extent(1), extent(2), extent(3)) }

  /// How many volumes the file holds: the product of the dimensions after the third.
  package var volumeCount: Int { (4...7).reduce(1) { $0 * extent($1) } }

  /// Voxels of one volume.
  package var voxelsPerVolume: Int { extent(1) * extent(2) * extent(3) }

  private func extent(_ dimension: Int) -> Int { dimension <= dim[0] ? dim[dimension] : 1 }
}
