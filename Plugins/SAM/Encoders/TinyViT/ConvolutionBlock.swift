internal import PonsTorch

/// MBConv: gelu(x + narrow(gelu(depthwise(gelu(widen(x)))))), four times as wide inside.
/// Source: Sandler et al., "MobileNetV2", 2018.
final class ConvolutionBlock: TinyViTBlock {
  private let widen: ConvNorm
  private let depthwise: ConvNorm
  private let narrow: ConvNorm

  init(_ width: Int) {
    widen = ConvNorm(width, 4 * width)
    depthwise = ConvNorm(4 * width, 4 * width, kernel: 3, groups: 4 * width)
    narrow = ConvNorm(4 * width, width)
  }

  func list(in members: inout Members) {
    members.add("conv1", widen)
    members.add("conv2", depthwise)
    members.add("conv3", narrow)
  }

  func freeze() throws(TorchError) {
    for layer in [widen, depthwise, narrow] { try layer.freeze() }
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    let result = try narrow(depthwise(widen(x, gelu: true), gelu: true))
    try result.add_(x)
    try result.biasGelu_()
    return result
  }
}
