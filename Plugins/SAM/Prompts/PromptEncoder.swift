package import PonsTorch

/// SAM's prompt encoder: points, corners of boxes and masks to embeddings.
///
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A; positions by random Fourier features (Tancik et al., 2020).
package final class PromptEncoder: Layer {
  private let positions: FourierPositions
  private let labels: [Embedding]
  private let padding: Embedding
  private let masks: MaskDownscaling
  private let noMask: Embedding
  private let imageSize: Int
  private let embeddingSize: Int
  /// Of each label from -1 to 3: `[5, width]`.
  private var table: Tensor?
  private var grid: Tensor?

  package init(_ configuration: SAMConfiguration) {
    let width = configuration.width
    positions = FourierPositions(width / 2)
    labels = (0..<4).map { _ in Embedding(1, width) }
    padding = Embedding(1, width)
    masks = MaskDownscaling(configuration.maskChannels, width)
    noMask = Embedding(1, width)
    imageSize = configuration.imageSize
    embeddingSize = configuration.embeddingSize
  }

  package func list(in members: inout Members) {
    members.add("pe_layer", positions)
    members.add("point_embeddings", labels)
    members.add("not_a_point_embed", padding)
    members.add("mask_downscaling", masks)
    members.add("no_mask_embed", noMask)
  }

  func freeze() throws(TorchError) {
    var rows: [Tensor] = [try padding.weight.value]
    for label in labels { rows.append(try label.weight.value) }
    table = try Tensor.cat(rows)
    let centres = (0..<embeddingSize).map { (Float($0) + 0.5) / Float(embeddingSize) }
    grid = try positions(
      Tensor.of(
        centres.flatMap { y in centres.flatMap { x in [x, y] } },
        shape: [1, embeddingSize * embeddingSize, 2]))
  }

  /// Positions of the image's embedding: `[1, h * w, width]`.
  func gridPositions() throws(TorchError) -> Tensor {
    guard let grid else { throw TorchError("prompts", "the network is not frozen") }
    return grid
  }

  /// Embeds what points at places, for several masks at once.
  ///
  /// - Parameter prompts: one for each mask, each with as many points and boxes as the others.
  /// - Returns: `[prompts, tokens, width]`.
  package func tokens(_ prompts: [Prompt]) throws(TorchError) -> Tensor {
    guard let table else { throw TorchError("prompts", "the network is not frozen") }
    let count = prompts.first?.marks.count ?? 0
    if prompts.contains(where: { $0.marks.count != count }) {
      throw TorchError("prompts", "all prompts of one call have as many points and boxes")
    }
    let marks = prompts.flatMap(\.marks)
    let size = Float(imageSize)
    // Half a pixel: what is meant is the middle of a pixel.
    let places = try Tensor.of(
      marks.flatMap { [($0.x + 0.5) / size, ($0.y + 0.5) / size] },
      shape: [prompts.count, count, 2])
    let kept = try Tensor.of(
      marks.map { $0.label == .padding ? Float(0) : 1 }, shape: [prompts.count, count, 1])
    let codes = try Tensor.of(
      marks.map { Int64($0.label.rawValue + 1) }, shape: [prompts.count, count])
    let result = try positions(places) * kept
    try result.add_(table.rows(codes))
    return result
  }

  /// Embeds masks, such as earlier answers.
  ///
  /// - Parameter logits: `[prompts, 1, 4 h, 4 w]`, or nil for none.
  /// - Returns: `[prompts, h * w, width]`, or `[1, 1, width]`.
  package func dense(_ logits: Tensor?) throws(TorchError) -> Tensor {
    guard let logits else { return try noMask.weight.value.unsqueeze(0) }
    return try masks(logits).flatten(2).transpose(1, 2)
  }
}

/// sin and cos of 2 pi (2 p - 1) G for random frequencies G, which are part of the weights.
private final class FourierPositions: Layer {
  private let frequencies: Parameter

  init(_ count: Int) {
    frequencies = Parameter([2, count], isTrained: false, .normal(deviation: 1))
  }

  func list(in members: inout Members) {
    members.add("positional_encoding_gaussian_matrix", frequencies)
  }

  /// Places (x, y) in [0, 1], `[..., 2]`, to `[..., 2 * count]`.
  func callAsFunction(_ places: Tensor) throws(TorchError) -> Tensor {
    let angles = try (places * 2 - 1).matmul(frequencies.value)
    try angles.multiply_(2 * .pi)
    return try Tensor.cat([angles.sin(), angles.cos()], -1)
  }
}

/// Masks brought to the size of the embedding.
private final class MaskDownscaling: Layer {
  private let first: Conv2d
  private let firstNorm: LayerNorm2d
  private let second: Conv2d
  private let secondNorm: LayerNorm2d
  private let third: Conv2d

  init(_ channels: Int, _ width: Int) {
    first = Conv2d(1, channels / 4, kernel: 2, stride: 2)
    firstNorm = LayerNorm2d(channels / 4)
    second = Conv2d(channels / 4, channels, kernel: 2, stride: 2)
    secondNorm = LayerNorm2d(channels)
    third = Conv2d(channels, width, kernel: 1)
  }

  func list(in members: inout Members) {
    members.add("0", first)
    members.add("1", firstNorm)
    members.add("3", second)
    members.add("4", secondNorm)
    members.add("6", third)
  }

  /// `[b, 1, 4 h, 4 w]` to `[b, width, h, w]`.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try third(secondNorm(second(firstNorm(first(x)).gelu())).gelu())
  }
}
