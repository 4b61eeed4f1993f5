/// Maps voxel indices to millimetres, or indices of one grid to those of another: `origin + i x + j y + k z`.
///
/// Points are `(x, y, z)`; on the side of millimetres that is RAS+: right, anterior, superior.
public struct Affine: Sendable, Hashable {
  /// What one step along the first index moves: the first column of the matrix.
  public var x: SIMD3<Double>
  /// What one step along the second index moves.
  public var y: SIMD3<Double>
  /// What one step along the third index moves.
  public var z: SIMD3<Double>
  /// Where the indices (0, 0, 0) are: the fourth column.
  public var origin: SIMD3<Double>

  /// The map that changes nothing.
  public static let identity = Affine(x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1], origin: .zero)

  /// A map from its columns.
  public init(x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>, origin: SIMD3<Double>) {
    self.x = x
    self.y = y
    self.z = z
    self.origin = origin
  }

  /// A 4 x 4 matrix, row by row; nil when it does not have 16 finite numbers, when its last row is not (0, 0, 0, 1),
  /// or when its columns do not span three dimensions.
  public init?(rowMajor m: [Double]) {
    guard m.count == 16, m.allSatisfy(\.isFinite), m[12...] == [0, 0, 0, 1] else { return nil }
    x = [m[0], m[4], m[8]]
    y = [m[1], m[5], m[9]]
    z = [m[2], m[6], m[10]]
    origin = [m[3], m[7], m[11]]
    // Relative to the edges of a voxel: 1 is a box, 0 is flat.
    let edges = spacing
    let volume = abs(determinant) / (edges.x * edges.y * edges.z)
    guard volume.isFinite, volume > 1e-9 else { return nil }
  }

  /// The 4 x 4 matrix, row by row.
  public var rowMajor: [Double] {
    (0..<3).flatMap { [x[$0], y[$0], z[$0], origin[$0]] } + [0, 0, 0, 1]
  }

  /// What one step along an axis (0, 1, 2) moves.
  public subscript(axis: Int) -> SIMD3<Double> {
    get { axis == 0 ? x : axis == 1 ? y : z }
    set {
      switch axis {
      case 0: x = newValue
      case 1: y = newValue
      default: z = newValue
      }
    }
  }

  /// Where a point goes.
  public func callAsFunction(_ point: SIMD3<Double>) -> SIMD3<Double> {
    origin + direction(point)
  }

  /// Where a difference of points goes: the origin does not count.
  public func direction(_ difference: SIMD3<Double>) -> SIMD3<Double> {
    difference.x * x + difference.y * y + difference.z * z
  }

  /// First the right map, then the left one, as matrices multiply.
  public static func * (left: Affine, right: Affine) -> Affine {
    Affine(
      x: left.direction(right.x), y: left.direction(right.y), z: left.direction(right.z),
      origin: left(right.origin))
  }

  /// Lengths of a voxel's edges in mm, for a map from voxel indices.
  public var spacing: SIMD3<Double> { [x.length, y.length, z.length] }

  /// The signed volume of a voxel.
  public var determinant: Double { x.dot(y.cross(z)) }

  /// Whether the axes are right-handed, as RAS+ itself is; an odd number of flips makes them left-handed.
  public var isRightHanded: Bool { determinant > 0 }

  /// The map back. It must span three dimensions.
  public var inverse: Affine {
    let rows = [y.cross(z), z.cross(x), x.cross(y)].map { $0 / determinant }
    var inverse = Affine(
      x: [rows[0].x, rows[1].x, rows[2].x], y: [rows[0].y, rows[1].y, rows[2].y],
      z: [rows[0].z, rows[1].z, rows[2].z], origin: .zero)
    inverse.origin = -inverse.direction(origin)
    return inverse
  }
}

extension SIMD3<Double> {
  func dot(_ other: Self) -> Double { (self * other).sum() }
  var length: Double { dot(self).squareRoot() }
  func cross(_ other: Self) -> Self {
    [
      y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x,
    ]
  }
}
