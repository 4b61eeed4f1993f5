/// Sizes of SAM's plain image encoder. The defaults are those of ViT-B.
package struct ViTConfiguration: Sendable, Hashable {
  /// Images are squares of this many pixels.
  package var imageSize = 1024
  /// Pixels along a side of a patch.
  package var patchSize = 16
  /// Channels inside.
  package var width = 768
  /// Number of blocks.
  package var depth = 12
  /// Heads of attention.
  package var heads = 12
  /// Features inside the perceptrons.
  package var hidden = 3072
  /// Positions along a side of a window.
  package var window = 14
  /// Blocks that attend to the whole image; all others to windows.
  package var globalBlocks: Set<Int> = [2, 5, 8, 11]
  /// Channels of the embedding.
  package var outputs = 256
  /// Of the layer normalisations.
  package var eps = 1e-6

  /// ViT-B.
  package init() {}

  /// ViT-L.
  package static var large: Self {
    var large = Self()
    (large.width, large.depth, large.heads, large.hidden) = (1024, 24, 16, 4096)
    large.globalBlocks = [5, 11, 17, 23]
    return large
  }

  /// ViT-H.
  package static var huge: Self {
    var huge = Self()
    (huge.width, huge.depth, huge.heads, huge.hidden) = (1280, 32, 16, 5120)
    huge.globalBlocks = [7, 15, 23, 31]
    return huge
  }
}
