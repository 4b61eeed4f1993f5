/// Convolution (cross-correlation, as networks mean it) over the axes after the channels of `[n, c, ...]`.
///
/// Weight `[out, in / groups, k, ...]`, bias `[out]`. Size of an axis: floor((n + 2 padding - dilation (k - 1) - 1) / stride) + 1.
/// Initialised as PyTorch does: evenly within 1 / sqrt(in / groups * k * ...).
public class Convolution: Layer {
  /// `[out, in / groups, k, ...]`.
  public let weight: Parameter
  /// `[out]`, or nil.
  public let bias: Parameter?
  let stride: [Int]
  let padding: [Int]
  let dilation: [Int]
  let groups: Int

  fileprivate init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int], padding: [Int], dilation: [Int],
    groups: Int, bias hasBias: Bool
  ) {
    let fan = inputs / groups * kernel.reduce(1, *)
    let bound = 1 / Double(max(1, fan)).squareRoot()
    weight = Parameter([outputs, inputs / groups] + kernel, .uniform(bound: bound))
    bias = hasBias ? Parameter([outputs], .uniform(bound: bound)) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// Weight and bias.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[n, in, ...]` to `[n, out, ...]`.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.convolution(
      try weight.value, try bias?.value, stride: stride, padding: padding, dilation: dilation,
      groups: groups)
  }
}

/// ``Convolution`` over two axes, `[n, c, h, w]`.
public final class Conv2d: Convolution {
  /// Square kernels of `kernel` elements.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true
  ) {
    super.init(
      inputs, outputs, kernel: [kernel, kernel], stride: [stride, stride],
      padding: [padding, padding], dilation: [dilation, dilation], groups: groups, bias: bias)
  }
}

/// ``Convolution`` over three axes, `[n, c, d, h, w]`.
public final class Conv3d: Convolution {
  /// Cubic kernels of `kernel` elements.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true
  ) {
    super.init(
      inputs, outputs, kernel: [kernel, kernel, kernel], stride: [stride, stride, stride],
      padding: [padding, padding, padding], dilation: [dilation, dilation, dilation],
      groups: groups, bias: bias)
  }
}

/// Transposed convolution, the derivative of ``Convolution`` by its input, over the axes after the channels.
///
/// Weight `[in, out, k, ...]`, bias `[out]`. Size of an axis: (n - 1) stride - 2 padding + k + outputPadding.
public class TransposedConvolution: Layer {
  /// `[in, out, k, ...]`.
  public let weight: Parameter
  /// `[out]`, or nil.
  public let bias: Parameter?
  let stride: [Int]
  let padding: [Int]
  let outputPadding: [Int]

  fileprivate init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int], padding: [Int],
    outputPadding: [Int], bias hasBias: Bool
  ) {
    let bound = 1 / Double(max(1, outputs * kernel.reduce(1, *))).squareRoot()
    weight = Parameter([inputs, outputs] + kernel, .uniform(bound: bound))
    bias = hasBias ? Parameter([outputs], .uniform(bound: bound)) : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
  }

  /// Weight and bias.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[n, in, ...]` to `[n, out, ...]`.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.transposedConvolution(
      try weight.value, try bias?.value, stride: stride, padding: padding,
      outputPadding: outputPadding, dilation: stride.map { _ in 1 })
  }
}

/// ``TransposedConvolution`` over two axes, `[n, c, h, w]`.
public final class ConvTranspose2d: TransposedConvolution {
  /// Square kernels of `kernel` elements.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, bias: Bool = true
  ) {
    super.init(
      inputs, outputs, kernel: [kernel, kernel], stride: [stride, stride],
      padding: [padding, padding], outputPadding: [outputPadding, outputPadding], bias: bias)
  }
}

/// ``TransposedConvolution`` over three axes, `[n, c, d, h, w]`.
public final class ConvTranspose3d: TransposedConvolution {
  /// Cubic kernels of `kernel` elements.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, bias: Bool = true
  ) {
    super.init(
      inputs, outputs, kernel: [kernel, kernel, kernel], stride: [stride, stride, stride],
      padding: [padding, padding, padding],
      outputPadding: [outputPadding, outputPadding, outputPadding], bias: bias)
  }
}
