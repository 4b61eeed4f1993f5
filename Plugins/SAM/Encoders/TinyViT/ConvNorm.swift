internal import PonsTorch

/// A convolution without bias and the batch normalisation behind it, which becomes part of its weights (`c`, `bn`).
///
/// On maps with their channels last `[n, h, w, c]`: 1 x 1 is a product of matrices, everything else is done for each channel by
/// itself, except for the first convolutions of MobileSAM.
final class ConvNorm: Layer {
  private let convolution: Conv2d
  private let norm: BatchNorm
  private let kernel: Int
  private let stride: Int
  private let groups: Int
  private var weight: Tensor?
  private var bias: Tensor?

  init(_ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1) {
    convolution = Conv2d(
      inputs, outputs, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups,
      bias: false)
    norm = BatchNorm(outputs)
    self.kernel = kernel
    self.stride = stride
    self.groups = groups
  }

  func list(in members: inout Members) {
    members.add("c", convolution)
    members.add("bn", norm)
  }

  func freeze() throws(TorchError) {
    let folded = try convolution.folded(norm)
    weight = kernel == 1 ? try folded.weight.flatten(1) : folded.weight
    bias = folded.bias
  }

  /// `[n, h, w, inputs]` to `[n, h', w', outputs]`.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    guard let weight, let bias else { throw TorchError("ConvNorm", "the network is not frozen") }
    if kernel == 1 { return try x.linear(weight, bias) }
    return try x.permute([0, 3, 1, 2])
      .convolution(
        weight, bias, stride: [stride, stride], padding: [kernel / 2, kernel / 2],
        dilation: [1, 1], groups: groups
      ).permute([0, 2, 3, 1])
  }
}
