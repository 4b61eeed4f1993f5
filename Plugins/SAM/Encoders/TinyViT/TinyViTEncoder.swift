package import PonsTorch

/// The image encoder of LiteMedSAM and MobileSAM: convolutions first, then blocks that attend to windows.
///
/// Source: Wu et al., "TinyViT", 2022; Zhang et al., "Faster Segment Anything", 2023.
package final class TinyViTEncoder: ImageEncoder {
  private let configuration: TinyViTConfiguration
  private let embedding: ImageReduction
  private let stages: [TinyViTStage]
  private let neck: Neck

  package init(_ configuration: TinyViTConfiguration) {
    self.configuration = configuration
    embedding = ImageReduction(configuration)
    stages = configuration.widths.indices.map { TinyViTStage(configuration, $0) }
    neck = Neck(configuration.widths.last ?? 0, configuration.outputs)
  }

  package var imageSize: Int { configuration.imageSize }
  package var embeddingSize: Int { configuration.sizes.last ?? 0 }

  package func list(in members: inout Members) {
    members.add("patch_embed", embedding)
    members.add("layers", stages)
    members.add("neck", neck)
  }

  package func freeze() throws(TorchError) {
    try embedding.freeze()
    for stage in stages { try stage.freeze() }
  }

  package func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
    var x = try embedding(image)
    for stage in stages { x = try stage(x) }
    return try neck(x)
  }
}

/// From the image's channels to those of the first stage.
private final class ImageReduction: Layer {
  private let first: ConvNorm
  private let second: ConvNorm

  init(_ configuration: TinyViTConfiguration) {
    let width = configuration.widths[0]
    let (kernel, stride) = configuration.reducesImage ? (3, 2) : (1, 1)
    first = ConvNorm(3, width / 2, kernel: kernel, stride: stride)
    second = ConvNorm(width / 2, width, kernel: kernel, stride: stride)
  }

  func list(in members: inout Members) {
    members.add("seq.0", first)
    members.add("seq.2", second)
  }

  func freeze() throws(TorchError) {
    try first.freeze()
    try second.freeze()
  }

  func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
    let shape = image.shape
    let image = shape[3] == 3 ? image : try image.expand(Array(shape.dropLast()) + [3])
    return try second(first(image.contiguous(), gelu: true))
  }
}

/// Blocks of one width, and the way to the next.
private final class TinyViTStage: Layer {
  private let blocks: [any TinyViTBlock]
  private let merging: PatchMerging?

  init(_ configuration: TinyViTConfiguration, _ stage: Int) {
    let width = configuration.widths[stage]
    blocks = (0..<configuration.depths[stage]).map { _ -> any TinyViTBlock in
      if stage == 0 { return ConvolutionBlock(width) }
      return WindowBlock(
        width, heads: configuration.heads[stage], window: configuration.windows[stage])
    }
    merging =
      stage + 1 < configuration.widths.count
      ? PatchMerging(
        width, configuration.widths[stage + 1], stride: configuration.reduction(to: stage + 1))
      : nil
  }

  func list(in members: inout Members) {
    members.add("blocks", blocks)
    members.add("downsample", merging)
  }

  func freeze() throws(TorchError) {
    for block in blocks { try block.freeze() }
    try merging?.freeze()
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    var x = x
    for block in blocks { x = try block(x) }
    return try merging?(x) ?? x
  }
}

/// A part of a stage; it may change its input.
protocol TinyViTBlock: Layer {
  func freeze() throws(TorchError)

  /// `[n, h, w, width]`, unchanged in shape.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor
}

/// Three convolutions to the width of the next stage; the second, for each channel by itself, reduces the map.
private final class PatchMerging: Layer {
  private let first: ConvNorm
  private let second: ConvNorm
  private let third: ConvNorm

  init(_ inputs: Int, _ outputs: Int, stride: Int) {
    first = ConvNorm(inputs, outputs)
    second = ConvNorm(outputs, outputs, kernel: 3, stride: stride, groups: outputs)
    third = ConvNorm(outputs, outputs)
  }

  func list(in members: inout Members) {
    members.add("conv1", first)
    members.add("conv2", second)
    members.add("conv3", third)
  }

  func freeze() throws(TorchError) {
    for layer in [first, second, third] { try layer.freeze() }
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try third(second(first(x, gelu: true), gelu: true))
  }
}
