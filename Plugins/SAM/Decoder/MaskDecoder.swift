package import PonsTorch

/// SAM's mask decoder: masks and how good they are thought to be (IoU), from the embeddings of image and prompts.
///
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A.
package final class MaskDecoder: Layer {
  private let transformer: TwoWayTransformer
  private let qualityToken: Embedding
  private let maskTokens: Embedding
  private let upscaling: Upscaling
  private let hyper: [MultilayerPerceptron]
  private let quality: MultilayerPerceptron
  private let embeddingSize: Int
  private var outputTokens: Tensor?

  package init(_ configuration: SAMConfiguration) {
    let (width, count) = (configuration.width, configuration.masks + 1)
    transformer = TwoWayTransformer(configuration)
    qualityToken = Embedding(1, width)
    maskTokens = Embedding(count, width)
    upscaling = Upscaling(width)
    hyper = (0..<count).map { _ in MultilayerPerceptron(width, width, width / 8, depth: 3) }
    quality = MultilayerPerceptron(
      width, configuration.qualityHidden, count, depth: configuration.qualityDepth)
    embeddingSize = configuration.embeddingSize
  }

  package func list(in members: inout Members) {
    members.add("transformer", transformer)
    members.add("iou_token", qualityToken)
    members.add("mask_tokens", maskTokens)
    members.add("output_upscaling", upscaling)
    members.add("output_hypernetworks_mlps", hyper)
    members.add("iou_prediction_head", quality)
  }

  func freeze() throws(TorchError) {
    outputTokens = try Tensor.cat([qualityToken.weight.value, maskTokens.weight.value]).unsqueeze(0)
    try upscaling.freeze()
  }

  /// - Parameters:
  ///   - image: embedding of one image, `[1, h * w, width]`.
  ///   - positions: of it, `[1, h * w, width]`.
  ///   - tokens: of the prompts, `[b, t, width]`.
  ///   - dense: of the prompts' masks, `[b, h * w, width]`, or `[1, 1, width]`.
  ///   - several: three masks for each prompt, from the whole to a part, instead of one.
  /// - Returns: logits `[b, 1 or 3, 4 h, 4 w]` and predicted IoU `[b, 1 or 3]`.
  package func callAsFunction(
    _ image: Tensor, _ positions: Tensor, tokens: Tensor, dense: Tensor, several: Bool
  ) throws(TorchError) -> (logits: Tensor, quality: Tensor) {
    guard let outputTokens else { throw TorchError("mask decoder", "the network is not frozen") }
    let b = tokens.shape[0]
    let all = try Tensor.cat([outputTokens.expand([b, -1, -1]), tokens], 1)
    let (answers, seen) = try transformer(image + dense, positions, all)
    let wanted = several ? 1..<hyper.count : 0..<1
    var filters: [Tensor] = []
    for mask in wanted { filters.append(try hyper[mask](answers.select(1, 1 + mask))) }
    let logits = try upscaling(seen, Tensor.stack(filters, 1), size: embeddingSize)
    let scores = try quality(answers.select(1, 0))
    return (logits, try scores.slice(1, from: wanted.lowerBound, to: wanted.upperBound))
  }
}

/// The image brought to four times its size by transposed convolutions, and multiplied by a filter for each mask.
private final class Upscaling: Layer {
  private let first: ConvTranspose2d
  private let norm: LayerNorm2d
  private let second: ConvTranspose2d
  private var weights: [(weight: Tensor, bias: Tensor?)] = []

  init(_ width: Int) {
    first = ConvTranspose2d(width, width / 4, kernel: 2, stride: 2)
    norm = LayerNorm2d(width / 4)
    second = ConvTranspose2d(width / 4, width / 8, kernel: 2, stride: 2)
  }

  func list(in members: inout Members) {
    members.add("0", first)
    members.add("1", norm)
    members.add("3", second)
  }

  /// A kernel as large as its stride makes 2 x 2 pixels of each by itself: `[in, out, 2, 2]` is a matrix
  /// `[2 * 2 * out, in]`.
  func freeze() throws(TorchError) {
    weights = []
    for layer in [first, second] {
      let weight = try layer.weight.value
      let matrix = try weight.permute([2, 3, 1, 0]).reshape([4 * weight.shape[1], weight.shape[0]])
      weights.append(
        (
          matrix,
          try layer.bias.map { bias throws(TorchError) in
            try Tensor.cat([Tensor](repeating: bias.value, count: 4))
          }
        ))
    }
  }

  /// `[b, h * w, width]` and filters `[b, m, width / 8]` to `[b, m, 4 h, 4 w]`.
  ///
  /// Pixels stay where they are made, beside the others of their position; only the masks are put in order.
  func callAsFunction(
    _ x: Tensor, _ filters: Tensor, size: Int
  ) throws(TorchError) -> Tensor {
    let (b, m) = (filters.shape[0], filters.shape[1])
    let doubled = try x.linear(weights[0].weight, weights[0].bias)
      .reshape([b, size * size * 4, norm.weight.shape[0]])
      .layerNorm(norm.weight.shape, norm.weight.value, norm.bias.value, eps: 1e-6)
    try doubled.biasGelu_()
    let wide = try doubled.linear(weights[1].weight, nil)
    try wide.biasGelu_(weights[1].bias)
    let fourfold = try wide.reshape([b, size * size * 16, filters.shape[2]])
    return try filters.matmul(fourfold.transpose(1, 2))
      .reshape([b, m, size, size, 2, 2, 2, 2]).permute([0, 1, 2, 4, 6, 3, 5, 7])
      .reshape([b, m, 4 * size, 4 * size])
  }
}
