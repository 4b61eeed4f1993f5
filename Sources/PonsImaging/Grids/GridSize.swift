/// How many voxels a volume has along each axis. Voxels are in C order `[z, y, x]`: x moves fastest.
public struct GridSize: Sendable, Hashable {
  /// Columns.
  public var x: Int
  /// Rows.
  public var y: Int
  /// Slices.
  public var z: Int

  /// A size; no extent is negative.
  public init(x: Int, y: Int, z: Int) {
    precondition(x >= 0 && y >= 0 && z >= 0, "the size of a grid is not negative")
    self.x = x
    self.y = y
    self.z = z
  }

  /// All voxels.
  public var count: Int { x * y * z }
  /// Voxels of a slice.
  public var sliceCount: Int { x * y }
  /// Place of a voxel in memory.
  public func index(x: Int, y: Int, z: Int) -> Int { (z * self.y + y) * self.x + x }
}
