/// Exact Euclidean distances in mm.
public enum DistanceTransform {
  /// What distances lead to.
  public enum Target: Sendable, Hashable {
    /// The nearest voxel that is 0, as in scipy's `distance_transform_edt` and in `edt`.
    case zero
    /// The nearest voxel that is not 0.
    case nonzero
  }

  /// What lies beyond the grid.
  public enum Border: Sendable, Hashable {
    /// Nothing: distances lead to voxels of the grid only (scipy's convention; `black_border=False` in `edt`).
    case ignored
    /// Target voxels: the voxel at the border is one spacing away from one (`black_border=True` in `edt`).
    case target
  }

  /// Computes the distance of every voxel's centre to the centre of the nearest target voxel. Targets have distance 0.
  ///
  /// The result is that of float32 arithmetic on squares: relative errors are a few 1e-7. It does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - mask: `[z, y, x]`.
  ///   - size: the grid of the mask.
  ///   - spacing: distance of voxels along (x, y, z), in mm, positive.
  ///   - target: what distances lead to.
  ///   - border: what lies beyond the grid.
  ///   - squared: whether squares of distances, in mm^2, are written.
  ///   - distances: `[z, y, x]`, written; infinite everywhere when there is no target.
  ///   - threads: how many threads may work.
  public static func compute(
    _ mask: UnsafeBufferPointer<UInt8>, size: GridSize, spacing: SIMD3<Double>,
    to target: Target = .zero, border: Border = .ignored, squared: Bool = false,
    into distances: UnsafeMutableBufferPointer<Float>, threads: Int = 1
  ) {
    precondition(distances.count == size.count, "there are as many distances as voxels")
    precondition(spacing.min() > 0, "spacing is positive")
    let bits = BitMask(mask, size: size, threads: threads)
    guard let output = distances.baseAddress else { return }
    DistanceField(
      targets: bits, complement: target == .zero, box: size.box, spacing: spacing,
      borderIsTarget: border == .target, threads: threads
    ).compute(into: output, squared: squared)
  }
}
