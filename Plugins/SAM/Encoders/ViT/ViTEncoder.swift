package import PonsTorch

/// SAM's image encoder: a plain vision transformer whose blocks attend to windows, and now and then to the whole image.
///
/// Sources: Kirillov et al., "Segment Anything", 2023, appendix A; Li et al., "Exploring plain vision transformer backbones for
/// object detection", 2022.
package final class ViTEncoder: ImageEncoder {
  private let configuration: ViTConfiguration
  private let patches: PatchEmbedding
  private let positions: Parameter
  private let blocks: [ViTBlock]
  private let neck: Neck

  package init(_ configuration: ViTConfiguration) {
    let size = configuration.imageSize / configuration.patchSize
    self.configuration = configuration
    patches = PatchEmbedding(configuration.patchSize, configuration.width)
    positions = Parameter([1, size, size, configuration.width], .constant(0))
    blocks = (0..<configuration.depth).map { block in
      ViTBlock(
        configuration,
        window: configuration.globalBlocks.contains(block) ? nil : configuration.window)
    }
    neck = Neck(configuration.width, configuration.outputs)
  }

  package var imageSize: Int { configuration.imageSize }
  package var embeddingSize: Int { configuration.imageSize / configuration.patchSize }

  package func list(in members: inout Members) {
    members.add("pos_embed", positions)
    members.add("patch_embed", patches)
    members.add("blocks", blocks)
    members.add("neck", neck)
  }

  package func freeze() throws(TorchError) { for block in blocks { try block.freeze() } }

  package func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
    let x = try patches(image)
    try x.add_(try positions.value)
    for block in blocks { try block(x) }
    return try neck(x)
  }
}

/// The image cut into patches, each projected to the width of the encoder.
private final class PatchEmbedding: Layer {
  private let projection: Conv2d

  init(_ size: Int, _ width: Int) { projection = Conv2d(3, width, kernel: size, stride: size) }

  func list(in members: inout Members) { members.add("proj", projection) }

  /// `[n, size, size, 3 or 1]` to `[n, h, w, width]`, contiguous.
  func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
    let shape = image.shape
    let image = shape[3] == 3 ? image : try image.expand(Array(shape.dropLast()) + [3])
    return try projection(image.permute([0, 3, 1, 2])).permute([0, 2, 3, 1]).contiguous()
  }
}
