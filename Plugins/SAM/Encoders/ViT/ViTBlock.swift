internal import PonsTorch

/// x + attention(norm(x)), then x + perceptron(norm(x)). Attention sees the whole image, or each window by itself.
final class ViTBlock: Layer {
  private let norm1: LayerNorm
  private let attention: ViTAttention
  private let norm2: LayerNorm
  private let perceptron: Perceptron
  private let window: Int?

  init(_ configuration: ViTConfiguration, window: Int?) {
    let width = configuration.width
    norm1 = LayerNorm(width, eps: configuration.eps)
    attention = ViTAttention(
      width, heads: configuration.heads,
      size: window ?? configuration.imageSize / configuration.patchSize)
    norm2 = LayerNorm(width, eps: configuration.eps)
    perceptron = Perceptron(width, configuration.hidden, activation: .gelu)
    self.window = window
  }

  func list(in members: inout Members) {
    members.add("norm1", norm1)
    members.add("attn", attention)
    members.add("norm2", norm2)
    members.add("mlp", perceptron)
  }

  func freeze() throws(TorchError) { try attention.freeze() }

  /// Changes `[n, h, w, width]` in place.
  func callAsFunction(_ x: Tensor) throws(TorchError) {
    let normalized = try norm1(x)
    if let window {
      let windows = Windows(of: x.shape, size: window)
      try x.add_(windows.joined(attention(windows.split(normalized))))
    } else {
      try x.add_(attention(normalized))
    }
    try x.add_(perceptron(norm2(x)))
  }
}

/// The windows that a map is cut into, padded with zeros at the right and the bottom.
struct Windows {
  private let n: Int
  private let height: Int
  private let width: Int
  private let rows: Int
  private let columns: Int
  private let size: Int

  /// - Parameter shape: `[n, h, w, c]`.
  init(of shape: [Int], size: Int) {
    (n, height, width) = (shape[0], shape[1], shape[2])
    self.size = size
    rows = (height + size - 1) / size
    columns = (width + size - 1) / size
  }

  /// `[n, h, w, c]` to `[n * windows, size, size, c]`.
  func split(_ x: Tensor) throws(TorchError) -> Tensor {
    let (right, bottom) = (columns * size - width, rows * size - height)
    let padded = right == 0 && bottom == 0 ? x : try x.pad([0, 0, 0, right, 0, bottom])
    return try padded.reshape([n, rows, size, columns, size, -1]).transpose(2, 3)
      .reshape([n * rows * columns, size, size, -1])
  }

  /// The way back, without the padding.
  func joined(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.reshape([n, rows, columns, size, size, -1]).transpose(2, 3)
      .reshape([n, rows * size, columns * size, -1])
      .slice(1, to: height).slice(2, to: width)
  }
}
