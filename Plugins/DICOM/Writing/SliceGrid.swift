internal import PonsKit

/// Where the slices of a volume go, as DICOM says it.
///
/// Each slice has its true position, so that a sheared stack stays what it is, and a left-handed grid is no other image than
/// before: slices are counted along their normal, which is against the order of the volume there.
struct SliceGrid: Sendable, Equatable {
  /// Directions of rows and columns, LPS: six numbers.
  let orientation: [Double]
  /// Between rows, and between columns, in mm.
  let spacing: [Double]
  /// Between slices along the normal, in mm.
  let distance: Double
  /// Whether the first slice that is written is the last of the volume.
  let isReversed: Bool
  private let first: Vector
  private let step: Vector
  private let normal: Vector

  /// Rows and columns that are off a right angle by more have no place in DICOM (a cosine).
  static let squareness = 1e-4

  /// - Parameter affine: maps voxel indices (x, y, z, 1) to mm in RAS+, row by row.
  /// - Throws: `StageFailure`: BAD_AFFINE, SHEARED_ROWS.
  init(affine a: [Double]) throws {
    guard a.count == 16, a.allSatisfy(\.isFinite), a[12] == 0, a[13] == 0, a[14] == 0, a[15] == 1
    else {
      throw Self.bad("is no map of voxels to millimetres")
    }
    func column(_ index: Int) -> Vector { Vector(-a[index], -a[4 + index], a[8 + index]) }
    let x = column(0)
    let y = column(1)
    step = column(2)
    first = column(3)
    guard 1e-6..<1e4 ~= x.length, 1e-6..<1e4 ~= y.length, first.length < 1e6, step.length < 1e4
    else {
      throw Self.bad("has spacings or an origin that no image of a body has")
    }
    let row = x * (1 / x.length)
    let down = y * (1 / y.length)
    if abs(row.dot(down)) > Self.squareness {
      throw StageFailure(
        .badInput, code: "SHEARED_ROWS",
        "rows and columns meet at \(Self.degrees(row, down)) degrees, and DICOM has right angles only",
        hint: "resample the volume to a grid with right angles", port: "volume")
    }
    let across = row.cross(down)
    normal = across * (1 / across.length)
    let along = step.dot(normal)
    if abs(along) < 1e-6 { throw Self.bad("has slices that lie in each other") }
    orientation = [row.x, row.y, row.z, down.x, down.y, down.z]
    spacing = [y.length, x.length].map(Self.shown)
    distance = Self.shown(abs(along))
    isReversed = along < 0
  }

  /// In whole picometres, so that 1 does not become 0.99999999999998.
  private static func shown(_ length: Double) -> Double { (length * 1e9).rounded() / 1e9 }

  private static func bad(_ what: String) -> StageFailure {
    StageFailure(.badInput, code: "BAD_AFFINE", "the affine \(what)", port: "volume")
  }

  private static func degrees(_ row: Vector, _ down: Vector) -> Double {
    (atan2Degrees(row.cross(down).length, row.dot(down)) * 100).rounded() / 100
  }

  /// Center of the first pixel of a slice of the volume, LPS, in mm.
  func position(slice z: Int) -> Vector { first + step * Double(z) }

  /// The same along the normal.
  func location(slice z: Int) -> Double { Self.shown(position(slice: z).dot(normal)) }
}
