internal import PonsKit
internal import PonsTorch
internal import TestTensors
internal import Testing

/// Steps in one pass, against libtorch's own in several.
@Suite struct InferenceTests {
  private let generator: Generator

  init() throws { generator = try Generator(seed: 3) }

  private func random(_ shape: [Int], _ deviation: Double = 1) throws -> Tensor {
    let tensor = try Tensor.empty(shape)
    try generator.fillNormal(tensor, deviation: deviation)
    return tensor
  }

  @Test func `GELU with a bias, from far below 0 to far above`() throws {
    let x = try random([37, 11], 4)
    try x.slice(0, to: 1).fill_(-200)
    try x.slice(0, from: 1, to: 2).fill_(200)
    let bias = try random([11])
    let expected = try (x + bias).gelu()
    try x.biasGelu_(bias)
    #expect(try (x - expected).abs().max().item() < 2e-6)
    let plain = try random([5, 1000], 2)
    let same = try plain.gelu()
    try plain.biasGelu_()
    #expect(try (plain - same).abs().max().item() < 1e-6)
  }

  @Test(arguments: [1, 2]) func `a depthwise convolution with the channels last`(stride: Int) throws
  {
    let x = try random([2, 7, 6, 19])
    let weight = try random([19, 1, 3, 3])
    let bias = try random([19])
    let expected = try x.permute([0, 3, 1, 2])
      .convolution(
        weight, bias, stride: [stride, stride], padding: [1, 1], dilation: [1, 1], groups: 19
      ).permute([0, 2, 3, 1])
    let taps = try weight.reshape([19, 9]).transpose().contiguous()
    #expect(try relativeError(x.depthwise(taps, bias, stride: stride), expected) < 1e-6)
    #expect(
      try relativeError(x.depthwise(taps, bias, stride: stride, gelu: true), expected.gelu()) < 1e-6
    )
  }

  @Test(arguments: [(5, 6, 3, 2, 5), (4, 4, 4, 1, 32), (9, 7, 7, 3, 16)])
  func `attention in windows that reach beyond the map`(
    h: Int, w: Int, size: Int, heads: Int, d: Int
  ) throws {
    let qkv = try random([2, h, w, heads, 3, d])
    let padding = try random([heads, 3, d])
    let bias = try random([heads, size * size, size * size])
    let found = try qkv.windowAttention(padding: padding, bias: bias, size: size)
    let (rows, columns) = ((h + size - 1) / size, (w + size - 1) / size)
    let whole = try padding.reshape([1, 1, 1, heads, 3, d])
      .expand([2, rows * size, columns * size, heads, 3, d]).clone()
    try whole.slice(1, to: h).slice(2, to: w).copy_(qkv)
    let parts = try whole.reshape([2, rows, size, columns, size, heads, 3, d])
      .permute([6, 0, 1, 3, 5, 2, 4, 7]).reshape([3, 2 * rows * columns, heads, size * size, d])
    let answer = try parts.select(0, 0).attention(
      parts.select(0, 1), parts.select(0, 2), bias: bias.unsqueeze(0))
    let expected = try answer.reshape([2, rows, columns, heads, size, size, d])
      .permute([0, 1, 4, 2, 5, 3, 6]).reshape([2, rows * size, columns * size, heads, d])
      .slice(1, to: h).slice(2, to: w)
    #expect(try relativeError(found, expected) < 1e-5)
  }

  @Test func `other types, orders and shapes are refused`() throws {
    let x = try random([4, 6])
    #expect(throws: TorchError.self) { try x.transpose().biasGelu_() }
    #expect(throws: TorchError.self) { try x.to(.float64).biasGelu_() }
    #expect(throws: TorchError.self) { try x.biasGelu_(random([4])) }
    #expect(throws: TorchError.self) { try x.depthwise(x, x) }
    #expect(throws: TorchError.self) { try x.windowAttention(padding: x, bias: x, size: 2) }
  }
}
