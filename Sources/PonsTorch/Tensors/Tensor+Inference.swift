internal import CTorch

/// Steps of networks in use that libtorch takes several passes over the memory for. For float32 on the processor, in C order,
/// without derivatives.
extension Tensor {
  /// gelu(x + bias) by the error function (to 2e-7), in place, for `[..., c]`; bias `[c]`.
  public func biasGelu_(_ bias: Tensor? = nil) throws(TorchError) {
    try TorchError.check(
      pons_torch_bias_gelu_(handle, bias?.handle), "biasGelu_", [self] + (bias.map { [$0] } ?? []))
  }

  /// A 3 x 3 convolution of each channel by itself, padded by 1, of `[n, h, w, c]`.
  ///
  /// - Parameters:
  ///   - weight: `[9, c]`.
  ///   - bias: `[c]`.
  ///   - gelu: whether GELU is applied to the result.
  public func depthwise(
    _ weight: Tensor, _ bias: Tensor, stride: Int = 1, gelu: Bool = false
  ) throws(TorchError) -> Tensor {
    try Tensor.make("depthwise", [self, weight, bias]) {
      pons_torch_depthwise(handle, weight.handle, bias.handle, Int64(stride), gelu ? 1 : 0, $0)
    }
  }

  /// Attention inside windows of a map: softmax(q k^T / sqrt(d) + bias) v for each window and head, without copies of the windows.
  ///
  /// The tensor is `[n, h, w, heads, 3, d]`: q, k and v.
  ///
  /// - Parameters:
  ///   - padding: `[heads, 3, d]`, what windows hold beyond the map.
  ///   - bias: `[heads, size^2, size^2]`.
  ///   - size: positions along a side of a window.
  /// - Returns: `[n, h, w, heads, d]`.
  public func windowAttention(
    padding: Tensor, bias: Tensor, size: Int
  ) throws(TorchError) -> Tensor {
    try Tensor.make("windowAttention", [self, padding, bias]) {
      pons_torch_window_attention(handle, padding.handle, bias.handle, Int64(size), $0)
    }
  }
}
