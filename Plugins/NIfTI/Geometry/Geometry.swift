internal import CNIfTI
package import PonsKit

/// Where the voxels of a file are.
package struct Geometry: Sendable, Equatable {
  /// Which of the header's three descriptions was used.
  package enum Form: String, Sendable {
    case sform, qform, pixdim
  }

  /// Which description it is.
  package var form: Form
  /// 4 x 4, row by row: maps voxel indices (x, y, z, 1) to RAS+ millimetres.
  package var affine: [Double]
  /// What a user should know about it.
  package var notices: [Notice] = []
}

extension NIfTIHeader {
  /// The sform as a 3 x 4 matrix in the units of the file; nil when the header has none.
  package var sformMatrix: [Double]? { sformCode > 0 ? sform : nil }

  /// The qform as a 3 x 4 matrix in the units of the file; nil when the header has none, or when its quaternion is none.
  ///
  /// The result equals nibabel's `get_qform()` in every bit, where both accept the header.
  package var qformMatrix: [Double]? {
    guard qformCode > 0 else { return nil }
    let numbers = quaternion + qformOffset
    guard numbers.allSatisfy(\.isFinite) else { return nil }
    // What rounding of b, c and d to the header's precision can leave of a half turn.
    let precision = version == 2 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    var matrix = [Double](repeating: 0, count: 9)
    let qfac: Double = pixdim[0] < 0 ? -1 : 1
    let status = pons_nifti_rotation(
      quaternion, voxelSize, qfac, 3 * precision, Self.quaternionTolerance, &matrix)
    guard status == 0 else { return nil }
    var rows: [Double] = []
    for row in 0..<3 {
      rows += matrix[3 * row..<3 * row + 3]
      rows.append(qformOffset[row])
    }
    return rows
  }

  /// How far b² + c² + d² may exceed 1: files with coarsely rounded numbers are common, garbage is refused.
  private static let quaternionTolerance = 1e-3

  /// Sizes of a voxel along x, y and z in the units of the file, always positive: signs do not count, and 0, NaN and infinity
  /// become 1, as niftilib and nibabel have it.
  package var voxelSize: [Double] {
    pixdim[1...3].map { size in size.isFinite && size != 0 ? abs(size) : 1 }
  }

  /// Millimetres in the unit of the file. Unknown units are taken as millimetres.
  private var millimetres: Double {
    switch units & 7 {
    case 1: 1000
    case 3: 0.001
    default: 1
    }
  }

  /// Chooses the sform, else the qform, else the voxel sizes alone.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_GEOMETRY, when the chosen one has numbers that are not finite, or does
  ///   not span three dimensions.
  package func geometry() throws(StageFailure) -> Geometry {
    var geometry: Geometry
    if let matrix = sformMatrix {
      geometry = Geometry(form: .sform, affine: matrix)
    } else if qformCode > 0 {
      guard let matrix = qformMatrix else {
        throw StageFailure(
          .badInput, code: "BAD_GEOMETRY",
          "the quaternion of the qform is no rotation: b, c and d must be finite and "
            + "b*b + c*c + d*d at most 1",
          hint: "repair the header, or set its sform")
      }
      geometry = Geometry(form: .qform, affine: matrix)
    } else {
      let size = voxelSize
      geometry = Geometry(
        form: .pixdim, affine: [size[0], 0, 0, 0, 0, size[1], 0, 0, 0, 0, size[2], 0])
      geometry.notices.append(
        Notice(
          "NO_ORIENTATION",
          "the header has neither sform nor qform: position and orientation are unknown, and the "
            + "axes are taken as right, anterior, superior with the first voxel at the origin"))
    }
    if geometry.form != .sform, voxelSize != Array(pixdim[1...3]) {
      geometry.notices.append(
        Notice(
          "VOXEL_SIZE_REPAIRED",
          "a voxel size in the header is zero, negative or not finite; 1 or its magnitude is used"))
    }
    if millimetres != 1 {
      geometry.affine = geometry.affine.map { $0 * millimetres }
      geometry.notices.append(
        Notice(
          "UNITS_CONVERTED",
          "the header's unit is \(millimetres == 1000 ? "metre" : "micrometre"); converted to mm"))
    }
    geometry.affine += [0, 0, 0, 1]
    try Self.check(geometry)
    return geometry
  }

  private static func check(_ geometry: Geometry) throws(StageFailure) {
    let m = geometry.affine
    guard m.allSatisfy(\.isFinite) else {
      throw StageFailure(
        .badInput, code: "BAD_GEOMETRY",
        "the \(geometry.form.rawValue) of the header has a number that is not finite")
    }
    let lengths = (0..<3).map { (column: Int) -> Double in
      [m[column], m[4 + column], m[8 + column]].reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    }
    var determinant: Double = m[0] * (m[5] * m[10] - m[6] * m[9])
    determinant -= m[1] * (m[4] * m[10] - m[6] * m[8])
    determinant += m[2] * (m[4] * m[9] - m[5] * m[8])
    // Relative to the voxel's edges: 1 is a box, 0 is flat.
    let volume = abs(determinant) / (lengths[0] * lengths[1] * lengths[2])
    guard volume.isFinite, volume > 1e-9 else {
      throw StageFailure(
        .badInput, code: "BAD_GEOMETRY",
        "the \(geometry.form.rawValue) of the header is singular: its axes do not span three "
          + "dimensions", hint: "repair the header's sform and qform")
    }
  }
}
