internal import PonsTorch

/// Tokens look at the image and the image looks at the tokens, a few times.
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A.
final class TwoWayTransformer: Layer {
  private let blocks: [TwoWayBlock]
  private let last: MultiHeadAttention
  private let lastNorm: LayerNorm

  init(_ configuration: SAMConfiguration) {
    let width = configuration.width
    blocks = (0..<configuration.decoderDepth).map {
      TwoWayBlock(configuration, isFirst: $0 == 0)
    }
    last = MultiHeadAttention(width, heads: configuration.decoderHeads, inner: width / 2)
    lastNorm = LayerNorm(width)
  }

  func list(in members: inout Members) {
    members.add("layers", blocks)
    members.add("final_attn_token_to_image", last)
    members.add("norm_final_attn", lastNorm)
  }

  /// - Parameters:
  ///   - image: `[1 or b, h * w, width]`.
  ///   - positions: `[1, h * w, width]`.
  ///   - tokens: `[b, t, width]`.
  /// - Returns: tokens and image afterwards.
  func callAsFunction(
    _ image: Tensor, _ positions: Tensor, _ tokens: Tensor
  ) throws(TorchError) -> (tokens: Tensor, image: Tensor) {
    var (queries, keys) = (tokens, image)
    for block in blocks { (queries, keys) = try block(queries, keys, tokens, positions) }
    let attended = try last(queries + tokens, keys + positions, keys)
    return (try lastNorm(queries + attended), keys)
  }
}

/// Tokens among themselves, tokens to image, a perceptron, image to tokens; a normalisation after each.
private final class TwoWayBlock: Layer {
  private let isFirst: Bool
  private let own: MultiHeadAttention
  private let toImage: MultiHeadAttention
  private let perceptron: Perceptron
  private let toTokens: MultiHeadAttention
  private let norms: [LayerNorm]

  init(_ configuration: SAMConfiguration, isFirst: Bool) {
    let (width, heads) = (configuration.width, configuration.decoderHeads)
    self.isFirst = isFirst
    own = MultiHeadAttention(width, heads: heads)
    toImage = MultiHeadAttention(width, heads: heads, inner: width / 2)
    perceptron = Perceptron(width, configuration.decoderHidden, activation: .relu)
    toTokens = MultiHeadAttention(width, heads: heads, inner: width / 2)
    norms = (0..<4).map { _ in LayerNorm(width, eps: configuration.decoderEps) }
  }

  func list(in members: inout Members) {
    members.add("self_attn", own)
    members.add("norm1", norms[0])
    members.add("cross_attn_token_to_image", toImage)
    members.add("norm2", norms[1])
    members.add("mlp", perceptron)
    members.add("norm3", norms[2])
    members.add("norm4", norms[3])
    members.add("cross_attn_image_to_token", toTokens)
  }

  func callAsFunction(
    _ queries: Tensor, _ keys: Tensor, _ tokens: Tensor, _ positions: Tensor
  ) throws(TorchError) -> (Tensor, Tensor) {
    var queries = queries
    if isFirst {
      queries = try norms[0](own(queries, queries, queries))
    } else {
      let placed = try queries + tokens
      queries = try norms[0](queries + own(placed, placed, queries))
    }
    // In the first block this is the same image for all prompts, and is projected once.
    let placedKeys = try keys + positions
    queries = try norms[1](queries + toImage(queries + tokens, placedKeys, keys))
    queries = try norms[2](queries + perceptron(queries))
    let attended = try toTokens(placedKeys, queries + tokens, queries)
    try attended.add_(keys)
    return (queries, try norms[3](attended))
  }
}
