internal import CNIfTI

extension NIfTIHeader {
  /// Describes an affine that did not come from a NIfTI file: as sform, and as qform when a rotation with scaling can say
  /// the same.
  ///
  /// - Parameter affine: 4 x 4, row by row, in millimetres.
  package mutating func setGeometry(affine: [Double]) {
    // Millimetres and seconds.
    units = 2 | 8
    sformCode = 1
    sform = Array(affine.prefix(12))
    var offset = [0.0, 0.0, 0.0]
    var size = [0.0, 0.0, 0.0]
    var qfac = 1.0
    pons_nifti_quaternion(sform, &quaternion, &offset, &size, &qfac)
    qformOffset = offset
    pixdim = [qfac] + size + [0, 0, 0, 0]
    qformCode = 1
    if version == 1 { roundToFloat() }
    guard let matrix = qformMatrix else { return withoutQform() }
    let tolerance = 1e-4 * (size.min() ?? 0)
    let largest = dim[1...3].max() ?? 1
    for index in 0..<12 {
      // A wrong angle moves the far end of the volume most, so the error of a column counts once a voxel.
      let weight = index % 4 == 3 ? 1 : Double(largest)
      let scale = abs(sform[index]) * 1e-6
      if abs(matrix[index] - sform[index]) * weight > max(tolerance, scale) * weight.squareRoot() {
        return withoutQform()
      }
    }
  }

  private mutating func withoutQform() {
    qformCode = 0
    quaternion = [0, 0, 0]
    qformOffset = [0, 0, 0]
    pixdim[0] = 1
  }

  /// What NIfTI-1 will make of the numbers, so that checks see what readers will see.
  private mutating func roundToFloat() {
    func rounded(_ values: [Double]) -> [Double] { values.map { Double(Float($0)) } }
    quaternion = rounded(quaternion)
    qformOffset = rounded(qformOffset)
    pixdim = rounded(pixdim)
    sform = rounded(sform)
  }
}
