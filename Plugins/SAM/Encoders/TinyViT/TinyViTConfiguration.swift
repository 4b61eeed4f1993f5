/// Sizes of the small image encoder. The defaults are those of LiteMedSAM.
package struct TinyViTConfiguration: Sendable, Hashable {
  /// Images are squares of this many pixels.
  package var imageSize = 256
  /// Whether the image is first reduced to a quarter of its size along each side, as MobileSAM does.
  package var reducesImage = false
  /// Channels of each stage.
  package var widths = [64, 128, 160, 320]
  /// Blocks of each stage.
  package var depths = [2, 2, 6, 2]
  /// Heads of each stage's attention; the first stage has convolutions only.
  package var heads = [2, 4, 5, 10]
  /// Positions along a side of each stage's windows.
  package var windows = [7, 7, 14, 7]
  /// Channels of the embedding.
  package var outputs = 256

  /// LiteMedSAM's.
  package init() {}

  /// MobileSAM's.
  package static var mobileSAM: Self {
    var mobile = Self()
    (mobile.imageSize, mobile.reducesImage) = (1024, true)
    return mobile
  }

  /// Positions along a side in each stage. A stage of these widths is not reduced: SAM needs a large map.
  package var sizes: [Int] {
    var size = reducesImage ? imageSize / 4 : imageSize
    return widths.indices.map { stage in
      if stage > 0, reduction(to: stage) == 2 { size = (size + 1) / 2 }
      return size
    }
  }

  /// The stride on the way to a stage.
  func reduction(to stage: Int) -> Int { [320, 448, 576].contains(widths[stage]) ? 1 : 2 }
}
