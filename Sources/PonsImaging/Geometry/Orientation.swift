/// Which way the axes of a grid point, to the nearest anatomical direction: `RAS` means that x grows to the right, y
/// to the front, z to the head.
///
/// Letters say where an index grows to, as in nibabel; DICOM's and ITK's "LPS" means the same by its letters.
public struct Orientation: Sendable, Hashable, CustomStringConvertible {
  /// A direction in the patient.
  public enum Direction: Character, Sendable, Hashable, CaseIterable {
    case right = "R"
    case left = "L"
    case anterior = "A"
    case posterior = "P"
    case superior = "S"
    case inferior = "I"

    /// The axis of RAS+ that it lies on: 0, 1, 2.
    public var axis: Int {
      switch self {
      case .right, .left: 0
      case .anterior, .posterior: 1
      case .superior, .inferior: 2
      }
    }

    /// Whether that axis grows in this direction.
    public var isPositive: Bool { self == .right || self == .anterior || self == .superior }
  }

  /// Where x, y and z grow to; three directions on different axes.
  public let directions: [Direction]

  /// Right, anterior, superior: nibabel's canonical orientation.
  public static let canonical = Orientation(directions: [.right, .anterior, .superior])

  private init(directions: [Direction]) { self.directions = directions }

  /// Three letters of R or L, A or P, S or I, each axis once, x first; nil for anything else.
  public init?(code: String) {
    directions = code.uppercased().compactMap(Direction.init)
    guard code.count == 3, directions.count == 3, Set(directions.map(\.axis)).count == 3 else {
      return nil
    }
  }

  /// The orientation nearest to an affine.
  ///
  /// The rotation nearest to the affine (its polar factor, without spacing and shear) is found first, then each axis,
  /// the clearest first, takes the anatomical axis that is left and nearest: nibabel's `io_orientation`.
  public init(nearestTo affine: Affine) {
    var rotation = Self.polarFactor(affine)
    let clearness = (0..<3).map { axis in (0..<3).map { abs(rotation[axis][$0]) }.max() ?? 0 }
    let order = (0..<3).sorted { (-clearness[$0], $0) < (-clearness[$1], $1) }
    var found = [Direction](repeating: .right, count: 3)
    var free = Set(0..<3)
    for axis in order {
      let column = rotation[axis]
      guard let world = free.max(by: { (abs(column[$0]), $1) < (abs(column[$1]), $0) }) else {
        continue
      }
      free.remove(world)
      let isPositive = column[world] >= 0
      for direction in Direction.allCases
      where direction.axis == world && direction.isPositive == isPositive {
        found[axis] = direction
      }
      for other in 0..<3 { rotation[other][world] = 0 }
    }
    directions = found
  }

  /// The three letters.
  public var description: String { String(directions.map(\.rawValue)) }

  /// The orthogonal matrix nearest to the affine's, by Newton's iteration (Higham, "Computing the polar
  /// decomposition", 1986): the mean of a matrix and of its inverse transposed, until nothing changes.
  private static func polarFactor(_ affine: Affine) -> Affine {
    let spacing = affine.spacing
    var matrix = Affine(
      x: affine.x / spacing.x, y: affine.y / spacing.y, z: affine.z / spacing.z, origin: .zero)
    for _ in 0..<100 {
      let cofactors = [
        matrix.y.cross(matrix.z), matrix.z.cross(matrix.x), matrix.x.cross(matrix.y),
      ]
      let determinant = matrix.determinant
      var change = 0.0
      for axis in 0..<3 {
        let next = 0.5 * (matrix[axis] + cofactors[axis] / determinant)
        change += (next - matrix[axis]).length
        matrix[axis] = next
      }
      if change < 1e-15 { break }
    }
    return matrix
  }
}
