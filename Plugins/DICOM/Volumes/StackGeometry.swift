internal import PonsKit

/// Where the slices of a volume are: checked to be a regular stack.
struct StackGeometry: Sendable, Equatable {
  /// Maps voxel indices (x, y, z, 1) to mm in RAS+, row by row.
  var affine: [Double]
  /// Between columns, rows and slices, in mm; between slices along the normal.
  var spacing: [Double]
  /// Angle between the stack's axis and the normal of its slices in degrees: a gantry tilt.
  var tilt: Double
  /// Direction of the slices' normal, LPS.
  var normal: Vector

  /// The affine of a stack (DICOM PS3.3 C.7.6.2.1.1; NIfTI has left and front the other way round).
  ///
  /// - Parameters:
  ///   - first: center of the first voxel.
  ///   - step: from one slice to the next.
  ///   - orientation: directions of rows and columns.
  ///   - pixel: spacing between rows, and between columns.
  init(first: Vector, step: Vector, orientation: [Double], pixel: [Double]) {
    let row = Vector(orientation[0], orientation[1], orientation[2])
    let column = Vector(orientation[3], orientation[4], orientation[5])
    let x = row * pixel[1]
    let y = column * pixel[0]
    affine = [
      -x.x, -y.x, -step.x, -first.x,
      -x.y, -y.y, -step.y, -first.y,
      x.z, y.z, step.z, first.z,
      0, 0, 0, 1,
    ]
    let across = row.cross(column)
    normal = across * (1 / across.length)
    let distance = step.dot(normal)
    spacing = [pixel[1], pixel[0], abs(distance)]
    let aside = (step - normal * distance).length
    tilt = atan2Degrees(aside, abs(distance))
  }

  /// `axial`, `coronal`, `sagittal`, or `oblique` beyond 30 degrees from all of them.
  var orientation: String {
    let parts = [("sagittal", abs(normal.x)), ("coronal", abs(normal.y)), ("axial", abs(normal.z))]
    guard let best = parts.max(by: { $0.1 < $1.1 }), best.1 > 0.866 else { return "oblique" }
    return best.0
  }
}

/// What is wrong with the distances in a stack of slices that are sorted by location.
struct StackIrregularity: Sendable, Equatable {
  /// Index of the slice behind which it is.
  var after: Int
  /// The distance there, and the usual one, in mm.
  var distance: Double
  var usual: Double

  /// How many slices seem to be missing; 0 when the distance is no multiple.
  var missing: Int {
    let ratio = distance / usual
    let nearest = ratio.rounded()
    return nearest >= 2 && abs(ratio - nearest) < 0.1 ? Int(nearest) - 1 : 0
  }
}

enum StackCheck {
  /// Slices may be off by this share of their distance, and by a µm, which is what decimals of a header lose.
  static let tolerance = 0.01

  /// Where a stack is not regular; empty when it is.
  static func irregularities(_ slices: [Slice]) -> [StackIrregularity] {
    guard slices.count > 2 else { return [] }
    let distances = zip(slices, slices.dropFirst()).map { $1.location - $0.location }
    let usual = distances.sorted()[distances.count / 2]
    let allowed = max(usual * tolerance, 1e-3)
    let step =
      (slices[slices.count - 1].position - slices[0].position) * (1 / Double(slices.count - 1))
    let worst =
      slices.indices.max { deviation(slices, $0, step) < deviation(slices, $1, step) } ?? 0
    if deviation(slices, worst, step) <= allowed { return [] }
    // Two neighbours may each be off by what is allowed.
    let found = distances.indices.filter { abs(distances[$0] - usual) > 2 * allowed }
      .map { StackIrregularity(after: $0, distance: distances[$0], usual: usual) }
    if !found.isEmpty { return found }
    // No distance stands out: the stack drifts, to a side or in its distances.
    let after = max(0, worst - 1)
    return [StackIrregularity(after: after, distance: distances[after], usual: usual)]
  }

  private static func deviation(_ slices: [Slice], _ index: Int, _ step: Vector) -> Double {
    (slices[index].position - (slices[0].position + step * Double(index))).length
  }
}
