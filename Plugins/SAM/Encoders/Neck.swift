internal import PonsTorch

/// From the width of an encoder to that of the decoder: convolution 1 x 1, normalisation, convolution 3 x 3, normalisation.
final class Neck: Layer {
  private let first: Conv2d
  private let firstNorm: LayerNorm2d
  private let second: Conv2d
  private let secondNorm: LayerNorm2d

  init(_ inputs: Int, _ outputs: Int) {
    first = Conv2d(inputs, outputs, kernel: 1, bias: false)
    firstNorm = LayerNorm2d(outputs)
    second = Conv2d(outputs, outputs, kernel: 3, padding: 1, bias: false)
    secondNorm = LayerNorm2d(outputs)
  }

  func list(in members: inout Members) {
    members.add("0", first)
    members.add("1", firstNorm)
    members.add("2", second)
    members.add("3", secondNorm)
  }

  /// `[n, h, w, inputs]` to `[n, h, w, outputs]`.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    // The views have their channels last in memory, which libtorch keeps.
    let x = try x.permute([0, 3, 1, 2])
    return try secondNorm(second(firstNorm(first(x)))).permute([0, 2, 3, 1])
  }
}
