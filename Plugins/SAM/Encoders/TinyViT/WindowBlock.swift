internal import PonsTorch

/// x + attention in windows, then a depthwise convolution, then x + perceptron(norm(x)).
final class WindowBlock: TinyViTBlock {
  private let attention: WindowAttention
  private let perceptron: NormalizedPerceptron
  private let depthwise: ConvNorm

  init(_ width: Int, heads: Int, window: Int) {
    attention = WindowAttention(width, heads: heads, window: window)
    perceptron = NormalizedPerceptron(width, 4 * width)
    depthwise = ConvNorm(width, width, kernel: 3, groups: width)
  }

  func list(in members: inout Members) {
    members.add("attn", attention)
    members.add("mlp", perceptron)
    members.add("local_conv", depthwise)
  }

  func freeze() throws(TorchError) {
    try attention.freeze()
    try depthwise.freeze()
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    let attended = try attention(x)
    try attended.add_(x)
    let mixed = try depthwise(attended)
    try mixed.add_(perceptron(mixed))
    return mixed
  }
}

/// Attention inside windows with a bias for each distance between two positions:
/// softmax(q k^T / sqrt(d) + bias[|y - y'|, |x - x'|]) v for each head.
private final class WindowAttention: Layer {
  private let norm: LayerNorm
  private let qkv: Linear
  private let projection: Linear
  private let distances: Parameter
  private let heads: Int
  private let window: Int
  /// `[heads, positions, positions]`.
  private var bias: Tensor?
  /// What windows hold beyond the map, where the input is 0: `[heads, 3, d]`.
  private var padding: Tensor?

  init(_ width: Int, heads: Int, window: Int) {
    norm = LayerNorm(width)
    qkv = Linear(width, 3 * width)
    projection = Linear(width, width)
    distances = Parameter([heads, window * window], .constant(0))
    self.heads = heads
    self.window = window
  }

  func list(in members: inout Members) {
    members.add("attention_biases", distances)
    members.add("norm", norm)
    members.add("qkv", qkv)
    members.add("proj", projection)
  }

  func freeze() throws(TorchError) {
    let positions = window * window
    var indices: [Int64] = []
    indices.reserveCapacity(positions * positions)
    for p in 0..<positions {
      for q in 0..<positions {
        let (dy, dx) = (abs(p / window - q / window), abs(p % window - q % window))
        indices.append(Int64(dy * window + dx))
      }
    }
    bias = try distances.value.indexSelect(1, Tensor.of(indices))
      .reshape([heads, positions, positions]).contiguous()
    padding = try qkv(norm.bias.value).reshape([heads, 3, -1]).contiguous()
  }

  /// `[n, h, w, width]`, unchanged in shape.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    guard let bias, let padding else {
      throw TorchError("attention", "the network is not frozen")
    }
    let map = Array(x.shape.dropLast())
    let attended = try qkv(norm(x)).reshape(map + [heads, 3, -1])
      .windowAttention(padding: padding, bias: bias, size: window)
    return try projection(attended.reshape(x.shape))
  }
}

/// A perceptron with GELU on the normalised input (`norm`, `fc1`, `fc2`).
private final class NormalizedPerceptron: Layer {
  private let norm: LayerNorm
  private let first: Linear
  private let second: Linear

  init(_ width: Int, _ hidden: Int) {
    norm = LayerNorm(width)
    first = Linear(width, hidden)
    second = Linear(hidden, width)
  }

  func list(in members: inout Members) {
    members.add("norm", norm)
    members.add("fc1", first)
    members.add("fc2", second)
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    let hidden = try norm(x).linear(first.weight.value, nil)
    try hidden.biasGelu_(first.bias?.value)
    return try second(hidden)
  }
}
