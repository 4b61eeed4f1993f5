internal import PonsTorch

/// The tower of images, a vision transformer. Source: Dosovitskiy et al., "An image is worth 16x16 words", 2021; names of
/// Hugging Face's `CLIPVisionModel` (`pre_layrnorm` is written so there).
final class ClipVisionModel: Layer {
  private let embeddings: ClipVisionEmbeddings
  private let before: LayerNorm
  private let encoder: ClipEncoder
  private let after: LayerNorm

  init(_ configuration: ClipConfiguration) {
    embeddings = ClipVisionEmbeddings(configuration)
    before = LayerNorm(configuration.vision.width, eps: configuration.vision.eps)
    encoder = ClipEncoder(configuration.vision)
    after = LayerNorm(configuration.vision.width, eps: configuration.vision.eps)
  }

  func list(in members: inout Members) {
    members.add("embeddings", embeddings)
    members.add("pre_layrnorm", before)
    members.add("encoder", encoder)
    members.add("post_layernorm", after)
  }

  /// Images `[n, 3, size, size]` to `[n, width]`: what became of the class token.
  func callAsFunction(_ images: Tensor) throws(TorchError) -> Tensor {
    try after(encoder.first(before(embeddings(images))))
  }
}

/// A class token, then the patches in C order, and where each is.
private final class ClipVisionEmbeddings: Layer {
  private let token: Parameter
  private let patches: Conv2d
  private let positions: Embedding
  private let width: Int

  init(_ configuration: ClipConfiguration) {
    width = configuration.vision.width
    token = Parameter([width], .normal(deviation: 1 / Double(width).squareRoot()))
    patches = Conv2d(
      configuration.channels, width, kernel: configuration.patchSize,
      stride: configuration.patchSize, bias: false)
    positions = Embedding(configuration.grid * configuration.grid + 1, width)
  }

  func list(in members: inout Members) {
    members.add("class_embedding", token)
    members.add("patch_embedding", patches)
    members.add("position_embedding", positions)
  }

  func callAsFunction(_ images: Tensor) throws(TorchError) -> Tensor {
    let patches = try patches(images).flatten(2).transpose(1, 2)
    let token = try token.value.expand([images.shape[0], 1, width])
    return try Tensor.cat([token, patches], 1) + positions.weight.value
  }
}
