internal import PonsKit

/// Where the slices of a volume are: checked to be a regular stack.
package struct StackGeometry: Sendable, Equatable {
  /// Maps voxel indices (x, y, z, 1) to mm in RAS+, row by row.
  package var affine: [Double]
  /// Between columns, rows and slices, in mm; between slices along the normal.
  package var spacing: [Double]
  /// Angle between the stack's axis and the normal of its slices in degrees: a gantry tilt.
  package var tilt: Double
  /// Direction of the slices' normal, LPS.
  var normal: Vector

  /// The affine of a stack (DICOM PS3.3 C.7.6.2.1.1; NIfTI has left and front the other way round).
  ///
  /// - Parameters:
  ///   - first: center of the first voxel.
  ///   - step: from one slice to the next.
  ///   - orientation: directions of rows and columns.
  ///   - pixel: spacing between rows, and between columns.
  package init(first: Vector, step: Vector, orientation: [Double], pixel: [Double]) {
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
  package var orientation: String {
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
  /// How far the slice behind is from where the usual step leads, in mm: also to a side.
  var offset: Double

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
    let steps = zip(slices, slices.dropFirst()).map { $1.position - $0.position }
    let distances = zip(slices, slices.dropFirst()).map { $1.location - $0.location }
    let usual = median(distances)
    let allowed = max(usual * tolerance, 1e-3)
    let mean =
      (slices[slices.count - 1].position - slices[0].position) * (1 / Double(slices.count - 1))
    if slices.indices.allSatisfy({ deviation(slices, $0, mean) <= allowed }) { return [] }
    // Not the mean: it is wrong itself where a single slice is.
    let step = Vector(
      median(steps.map(\.x)), median(steps.map(\.y)), median(steps.map(\.z)))
    func irregularity(_ index: Int) -> StackIrregularity {
      StackIrregularity(
        after: index, distance: distances[index], usual: usual,
        offset: (steps[index] - step).length)
    }
    // Two neighbours may each be off by what is allowed.
    let found = steps.indices.filter { (steps[$0] - step).length > 2 * allowed }.map(irregularity)
    if !found.isEmpty { return found }
    // No step stands out: the stack drifts.
    let worst = steps.indices.max { (steps[$0] - step).length < (steps[$1] - step).length } ?? 0
    return [irregularity(worst)]
  }

  /// The lower one of two in the middle: of three slices, one of which stands far off, the other two tell.
  private static func median(_ values: [Double]) -> Double {
    values.sorted()[(values.count - 1) / 2]
  }

  private static func deviation(_ slices: [Slice], _ index: Int, _ step: Vector) -> Double {
    (slices[index].position - (slices[0].position + step * Double(index))).length
  }
}
