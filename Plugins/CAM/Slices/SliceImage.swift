internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsTorch

/// Slices as a classifier sees them: spread from 0 to 1 each by itself or as they are, resized, in as many equal channels as it takes.
struct SliceImage {
  /// What intensities become.
  enum Window: String, Codable, Sendable, CaseIterable {
    /// 0 to 1 between the least and the greatest of each slice.
    case slice
    /// What they are: those of preprocess.normalize are comparable between slices and cases.
    case none
  }

  /// Height and width in pixels.
  let size: Int
  /// Channels of the network's input.
  let channels: Int
  let window: Window

  /// Slices `[n, y, x]` -> `[n, channels, size, size]`.
  ///
  /// - Parameter isSpread: whether their intensities are what the window makes of them already, as those of amda.mask: spreading them
  ///   again after something was hidden would tell what was hidden.
  func prepare(_ slices: Tensor, isSpread: Bool = false) throws(TorchError) -> Tensor {
    let spread =
      isSpread || window == .none ? slices : try ActivationMap.normalized(slices, together: false)
    return try spread.unsqueeze(1)
      .upsample(to: [size, size], .linear, antialias: true)
      .expand([-1, channels, -1, -1]).contiguous()
  }

  /// Slices of a volume, `[n, y, x]`, as they are.
  static func read(_ volume: GridPacket<VolumeKind>, _ numbers: Range<Int>) throws -> Tensor {
    let size = volume.size
    let result = try Tensor.empty([numbers.count, size.y, size.x])
    try result.withMutableElements(of: Float.self) { elements in
      for (index, z) in numbers.enumerated() {
        let start = index * size.sliceCount
        try volume.copySlice(
          z,
          to: UnsafeMutableBufferPointer(rebasing: elements[start..<start + size.sliceCount]))
      }
    }
    return result
  }
}
