internal import PonsTorch

/// The transformer of a tower: blocks of attention and two linear layers, each on what layer normalisation gives, each
/// added to what came in. Source: Radford et al., 2021, section 2.4; names of Hugging Face's `CLIPEncoder`.
final class ClipEncoder: Layer {
  private let layers: [ClipEncoderLayer]

  init(_ tower: ClipConfiguration.Tower) {
    layers = (0..<tower.layers).map { _ in ClipEncoderLayer(tower) }
  }

  func list(in members: inout Members) { members.add("layers", layers) }

  /// `[b, n, width]` to the same; `bias` is added to what attention compares, -infinity hides.
  func callAsFunction(_ x: Tensor, bias: Tensor?) throws(TorchError) -> Tensor {
    var x = x
    for layer in layers { x = try layer(x, bias: bias) }
    return x
  }

  /// `[b, n, width]` to `[b, width]`: what becomes of the first token. The last block computes that of no other token,
  /// which spares a fifteenth of the work of ViT-B/32.
  func first(_ x: Tensor) throws(TorchError) -> Tensor {
    var x = x
    for layer in layers.dropLast() { x = try layer(x, bias: nil) }
    if let last = layers.last { x = try last.first(x) }
    return try x.select(1, 0)
  }
}

/// One block.
private final class ClipEncoderLayer: Layer {
  private let attention: MultiHeadAttention
  private let norm1: LayerNorm
  private let mlp: ClipMLP
  private let norm2: LayerNorm

  init(_ tower: ClipConfiguration.Tower) {
    attention = MultiHeadAttention(tower.width, heads: tower.heads)
    norm1 = LayerNorm(tower.width, eps: tower.eps)
    mlp = ClipMLP(tower)
    norm2 = LayerNorm(tower.width, eps: tower.eps)
  }

  func list(in members: inout Members) {
    members.add("self_attn", attention)
    members.add("layer_norm1", norm1)
    members.add("mlp", mlp)
    members.add("layer_norm2", norm2)
  }

  func callAsFunction(_ x: Tensor, bias: Tensor?) throws(TorchError) -> Tensor {
    let normed = try norm1(x)
    return try transformed(x, by: attention(normed, normed, normed, bias: bias))
  }

  /// The block for the first token alone: `[b, n, width]` to `[b, 1, width]`.
  func first(_ x: Tensor) throws(TorchError) -> Tensor {
    let normed = try norm1(x)
    return try transformed(x.slice(1, to: 1), by: attention(normed.slice(1, to: 1), normed, normed))
  }

  /// What the block does with tokens and with what they attended to, which it overwrites.
  private func transformed(_ x: Tensor, by attended: Tensor) throws(TorchError) -> Tensor {
    // In place where nobody needs what was there for derivatives: fresh memory is what costs here.
    try attended.add_(x)
    let result = try mlp(norm2(attended))
    try result.add_(attended)
    return result
  }
}

/// fc2(activation(fc1(x))).
private final class ClipMLP: Layer {
  private let fc1: Linear
  private let fc2: Linear
  private let activation: ClipConfiguration.Activation

  init(_ tower: ClipConfiguration.Tower) {
    fc1 = Linear(tower.width, tower.inner)
    fc2 = Linear(tower.inner, tower.width)
    activation = tower.activation
  }

  func list(in members: inout Members) {
    members.add("fc1", fc1)
    members.add("fc2", fc2)
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    let x = try fc1(x)
    switch activation {
    case .quickGelu: return try fc2(x.quickGelu())
    case .gelu: return try fc2(x.gelu())
    case .geluTanh, .geluNew: return try fc2(x.gelu(tanh: true))
    }
  }
}
