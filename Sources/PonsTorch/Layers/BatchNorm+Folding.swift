extension BatchNorm {
  /// What the layer does in use, as a factor and a summand for each channel `[c]`: weight / sqrt(variance + eps) and
  /// bias - mean * factor.
  public func scaleAndShift() throws(TorchError) -> (scale: Tensor, shift: Tensor) {
    let scale = try weight.value * (runningVariance.value + eps).rsqrt()
    return (scale, try bias.value - runningMean.value * scale)
  }
}

extension Convolution {
  /// Weight and bias of a convolution that does the work of this one and of a batch normalisation behind it, in use.
  public func folded(_ norm: BatchNorm) throws(TorchError) -> (weight: Tensor, bias: Tensor) {
    let (scale, shift) = try norm.scaleAndShift()
    let weight = try weight.value
    let perChannel = [-1] + weight.shape.dropFirst().map { _ in 1 }
    let folded = try weight * scale.reshape(perChannel)
    guard let bias = try bias?.value else { return (folded, shift) }
    return (folded, try bias * scale + shift)
  }
}
