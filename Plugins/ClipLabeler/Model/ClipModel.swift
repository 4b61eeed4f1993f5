package import PonsTorch

/// CLIP: images and texts as points of one space, near each other when they mean the same.
///
/// Source: Radford et al., "Learning transferable visual models from natural language supervision", 2021. Names of
/// parameters are those of Hugging Face's `CLIPModel`, so that its files can be loaded.
package final class ClipModel: Layer {
  package let configuration: ClipConfiguration
  private let text: ClipTextModel
  private let vision: ClipVisionModel
  private let visualProjection: Linear
  private let textProjection: Linear
  /// Logarithm of what cosines are multiplied by.
  package let logitScale = Parameter([], .constant(2.6592))

  /// A network without weights.
  package init(_ configuration: ClipConfiguration) {
    self.configuration = configuration
    text = ClipTextModel(configuration)
    vision = ClipVisionModel(configuration)
    visualProjection = Linear(configuration.vision.width, configuration.projection, bias: false)
    textProjection = Linear(configuration.text.width, configuration.projection, bias: false)
  }

  package func list(in members: inout Members) {
    members.add("logit_scale", logitScale)
    members.add("text_model", text)
    members.add("vision_model", vision)
    members.add("visual_projection", visualProjection)
    members.add("text_projection", textProjection)
  }

  /// Preprocessed images `[n, 3, size, size]` to `[n, projection]`, not normalised.
  package func embed(images: Tensor) throws(TorchError) -> Tensor {
    try visualProjection(vision(images))
  }

  /// Texts as tokens, each from its start to its end token, to `[n, projection]`, not normalised.
  package func embed(texts: [[Int]]) throws -> Tensor { try textProjection(text(texts)) }

  /// exp(logit scale) * cosine of images `[n, d]` and texts `[k, d]` as `[n, k]`.
  package func logits(images: Tensor, texts: Tensor) throws(TorchError) -> Tensor {
    try Self.normalized(images).matmul(Self.normalized(texts).transpose())
      * logitScale.value.exp()
  }

  /// Rows divided by their lengths.
  package static func normalized(_ rows: Tensor) throws(TorchError) -> Tensor {
    try rows / rows.norm([-1], keep: true)
  }
}
