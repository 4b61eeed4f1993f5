/// Where the voxels of a volume are.
public struct Grid: Sendable, Hashable {
  /// How many voxels there are.
  public var size: GridSize
  /// Voxel indices (x, y, z) to RAS+ mm.
  public var affine: Affine

  /// A grid.
  public init(size: GridSize, affine: Affine) {
    self.size = size
    self.affine = affine
  }

  /// Voxel indices of this grid to voxel indices of another.
  public func indices(in other: Grid) -> Affine { other.affine.inverse * affine }

  /// A grid with the same axes and the same centre, and with voxels of another size.
  ///
  /// The spacing is kept exactly, so the field of view is rounded to whole voxels, at least one: it changes by at most
  /// half a voxel along each axis, half of that at each end. Nil when that makes more than a million voxels along an axis,
  /// or 2^40 in all.
  ///
  /// - Parameter spacing: mm along x, y and z, greater than 0.
  public func spaced(_ spacing: SIMD3<Double>) -> Grid? {
    let old = affine.spacing
    var grid = self
    var shift = SIMD3<Double>.zero
    var counts = [0, 0, 0]
    for axis in 0..<3 {
      let count = size[axis]
      let extent = Double(count) * old[axis] / spacing[axis]
      // Rounding of the input must not decide: 100 voxels of 1.1 mm are 110 mm.
      guard extent <= 1e6 else { return nil }
      counts[axis] = count == 0 ? 0 : max(1, Int((extent + 1e-6).rounded()))
      grid.affine[axis] = affine[axis] * (spacing[axis] / old[axis])
      shift[axis] =
        Double(count - 1) / 2 - Double(counts[axis] - 1) / 2 * spacing[axis] / old[axis]
    }
    if counts.reduce(1, { $0 * Double($1) }) > 0x1p40 { return nil }
    grid.size = GridSize(x: counts[0], y: counts[1], z: counts[2])
    grid.affine.origin = affine(shift)
    return grid
  }
}

extension GridSize {
  /// Extent along an axis: 0 is x, 1 is y, 2 is z.
  public subscript(axis: Int) -> Int { axis == 0 ? x : axis == 1 ? y : z }

  /// The box of all voxels.
  public var box: IndexBox { IndexBox(x: 0..<x, y: 0..<y, z: 0..<z) }
}
