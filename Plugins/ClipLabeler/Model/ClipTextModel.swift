internal import PonsTorch

/// The tower of texts, a transformer in which each token sees those before it. Source: Radford et al., "Learning transferable
/// visual models from natural language supervision", 2021, section 2.4; names of Hugging Face's `CLIPTextModel`.
final class ClipTextModel: Layer {
  private let embeddings: ClipTextEmbeddings
  private let encoder: ClipEncoder
  private let norm: LayerNorm
  private let endToken: Int

  init(_ configuration: ClipConfiguration) {
    embeddings = ClipTextEmbeddings(configuration)
    encoder = ClipEncoder(configuration.text)
    norm = LayerNorm(configuration.text.width, eps: configuration.text.eps)
    endToken = configuration.endToken
  }

  func list(in members: inout Members) {
    members.add("embeddings", embeddings)
    members.add("encoder", encoder)
    members.add("final_layer_norm", norm)
  }

  /// Texts of one or more tokens to `[n, width]`: what became of each text's first end token.
  func callAsFunction(_ texts: [[Int]]) throws -> Tensor {
    let length = texts.map(\.count).max() ?? 0
    // What is behind the end is not seen by what is before it, so any token will do.
    let ids = texts.flatMap { text in
      text.map(Int64.init) + [Int64](repeating: 0, count: length - text.count)
    }
    let tokens = try Tensor.of(ids, shape: [texts.count, length])
    var mask = [Float](repeating: 0, count: length * length)
    for row in 0..<length {
      for column in (row + 1)..<max(length, row + 1) { mask[row * length + column] = -.infinity }
    }
    let bias = try Tensor.of(mask, shape: [length, length])
    let states = try encoder(embeddings(tokens), bias: bias).reshape([texts.count * length, -1])
    let ends = texts.enumerated().map { Int64($0 * length + end(of: $1)) }
    return try norm(states.indexSelect(0, try Tensor.of(ends)))
  }

  /// Where a text ends. In files with 2 as end token that is the token with the highest id.
  private func end(of text: [Int]) -> Int {
    let token = endToken == 2 ? text.max() : endToken
    return text.firstIndex { $0 == token } ?? 0
  }
}

private final class ClipTextEmbeddings: Layer {
  private let tokens: Embedding
  private let positions: Embedding

  init(_ configuration: ClipConfiguration) {
    tokens = Embedding(configuration.vocabulary, configuration.text.width)
    positions = Embedding(configuration.positions, configuration.text.width)
  }

  func list(in members: inout Members) {
    members.add("token_embedding", tokens)
    members.add("position_embedding", positions)
  }

  func callAsFunction(_ ids: Tensor) throws(TorchError) -> Tensor {
    try tokens(ids) + positions.weight.value.slice(0, to: ids.shape[1])
  }
}
