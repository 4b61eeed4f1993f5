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
    bias = try folded.bias.contiguous()
    if kernel == 1 {
      weight = try folded.weight.flatten(1)
    } else if groups > 1 {
      weight = try folded.weight.reshape([groups, 9]).transpose().contiguous()
    } else {
      weight = folded.weight
    }
  }

  /// `[n, h, w, inputs]` to `[n, h', w', outputs]`, and GELU of that.
  func callAsFunction(_ x: Tensor, gelu: Bool = false) throws(TorchError) -> Tensor {
    guard let weight, let bias else { throw TorchError("ConvNorm", "the network is not frozen") }
    if groups > 1 { return try x.depthwise(weight, bias, stride: stride, gelu: gelu) }
    if kernel == 1 {
      // With GELU the bias is added in the same pass.
      let result = try x.linear(weight, gelu ? nil : bias)
      if gelu { try result.biasGelu_(bias) }
      return result
    }
    let result = try x.permute([0, 3, 1, 2])
      .convolution(
        weight, bias, stride: [stride, stride], padding: [kernel / 2, kernel / 2],
        dilation: [1, 1], groups: 1
      ).permute([0, 2, 3, 1]).contiguous()
    if gelu { try result.biasGelu_() }
    return result
  }
}
