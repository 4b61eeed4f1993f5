internal import PonsKit

/// What an affine says about the size of voxels.
package struct GridMeasures: Sendable, Equatable {
  /// Lengths of a voxel's edges along x, y and z in mm.
  package let spacing: [Double]
  /// Volume of a voxel in mm³.
  package let voxelVolume: Double

  /// Measures an affine of 4 x 4 numbers, row by row.
  package init(affine m: [Double]) {
    spacing = (0..<3).map { (column: Int) -> Double in
      [m[column], m[4 + column], m[8 + column]].reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    }
    var determinant: Double = m[0] * (m[5] * m[10] - m[6] * m[9])
    determinant -= m[1] * (m[4] * m[10] - m[6] * m[8])
    determinant += m[2] * (m[4] * m[9] - m[5] * m[8])
    voxelVolume = abs(determinant)
  }
}
