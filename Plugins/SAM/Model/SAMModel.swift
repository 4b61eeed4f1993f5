package import PonsTorch

/// A SAM with its weights: an image is embedded once, and then asked for masks as often as one likes.
///
/// It is used frozen: nothing is recorded for derivatives.
package final class SAMModel: Layer {
  package let configuration: SAMConfiguration
  package let imageEncoder: any ImageEncoder
  package let promptEncoder: PromptEncoder
  package let maskDecoder: MaskDecoder

  /// A network without weights.
  package init(_ configuration: SAMConfiguration) {
    self.configuration = configuration
    imageEncoder =
      switch configuration.encoder {
      case .vit(let vit): ViTEncoder(vit)
      case .tinyViT(let tiny): TinyViTEncoder(tiny)
      }
    promptEncoder = PromptEncoder(configuration)
    maskDecoder = MaskDecoder(configuration)
  }

  /// The three parts, by the names of the original SAM.
  package func list(in members: inout Members) {
    members.add("image_encoder", imageEncoder)
    members.add("prompt_encoder", promptEncoder)
    members.add("mask_decoder", maskDecoder)
  }

  /// Takes weights over, by the names of the original or those of Hugging Face, and makes what follows from them.
  ///
  /// - Throws: `StateDictError` with the names that do not fit.
  package func load(weights: StateDict) throws {
    try load(weights, renaming: SAMNames.renaming(of: weights), ignoring: SAMNames.unused)
    try freeze()
  }

  /// Makes what follows from the weights.
  package func freeze() throws {
    try withoutGradients {
      try imageEncoder.freeze()
      try promptEncoder.freeze()
      try maskDecoder.freeze()
    }
  }

  /// Looks at an image; see ``ImageEncoder``.
  ///
  /// - Returns: `[1, h * w, width]`.
  package func embed(_ image: Tensor) throws -> Tensor {
    try withoutGradients { try imageEncoder(image).flatten(1, 2).contiguous() }
  }

  /// Draws masks of an embedded image.
  ///
  /// - Parameters:
  ///   - prompts: one for each mask, each with as many points and boxes as the others.
  ///   - masks: what is known of the masks, logits `[prompts, 1, 4 h, 4 w]`.
  ///   - several: three masks for each prompt instead of one.
  /// - Returns: logits `[prompts, 1 or 3, 4 h, 4 w]`, and predicted IoU.
  package func masks(
    _ embedding: Tensor, _ prompts: [Prompt], masks: Tensor? = nil, several: Bool = false
  ) throws -> (logits: Tensor, quality: Tensor) {
    try withoutGradients {
      try maskDecoder(
        embedding, promptEncoder.gridPositions(), tokens: promptEncoder.tokens(prompts),
        dense: promptEncoder.dense(masks), several: several)
    }
  }
}
