internal import PonsImaging

/// What all regions go through once they are voxels.
enum Region {
  /// Takes away what is thin, and small components.
  ///
  /// - Parameters:
  ///   - mask: `[z, y, x]`, 0 and 1.
  ///   - keep: components with fewer voxels than this part of the largest one's go.
  /// - Returns: the components before small ones went.
  @discardableResult
  static func clean(
    _ mask: UnsafeMutableBufferPointer<UInt8>, _ size: GridSize, opening: Bool, keep: Double,
    threads: Int
  ) -> Components {
    if opening {
      Morphology.apply(
        .opening, UnsafeBufferPointer(mask), size: size, element: .neighbours(.corners),
        into: mask, threads: threads)
    }
    return Components.keep(selection(keep), in: mask, size: size, threads: threads)
  }

  /// Which components stay. A third of 9 voxels are 3, however the third was rounded.
  static func selection(_ keep: Double) -> Components.Selection {
    keep >= 1 ? .largest : .fractionOfLargest(max(0, keep - 1e-12))
  }
}
