internal import PonsKit

/// Batch normalisation: (x - mean) / sqrt(variance + eps) * weight + bias for each channel of `[n, c, ...]`.
///
/// Mean and variance are those of the batch when training, which also moves the running ones by `momentum`, and the
/// running ones in use. The running variance is that of a sample (divided by n - 1), as in PyTorch.
/// Source: Ioffe and Szegedy, 2015.
public final class BatchNorm: Layer {
  /// `[c]`: what normalised channels are multiplied by.
  public let weight: Parameter
  /// `[c]`: what is added to them.
  public let bias: Parameter
  /// `[c]`.
  public let runningMean: Parameter
  /// `[c]`.
  public let runningVariance: Parameter
  let batches: Parameter
  let eps: Double
  let momentum: Double
  private var training = false

  /// A layer for `channels` channels, over any number of axes (BatchNorm1d, 2d and 3d).
  public init(_ channels: Int, eps: Double = 1e-5, momentum: Double = 0.1) {
    weight = Parameter([channels], .constant(1))
    bias = Parameter([channels], .constant(0))
    runningMean = Parameter([channels], isTrained: false, .constant(0))
    runningVariance = Parameter([channels], isTrained: false, .constant(1))
    batches = Parameter([], type: .int64, isTrained: false, .constant(0))
    self.eps = eps
    self.momentum = momentum
  }

  /// Weight, bias and the running statistics.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
    members.add("running_mean", runningMean)
    members.add("running_var", runningVariance)
    members.add("num_batches_tracked", batches)
  }

  /// Chooses the statistics.
  public func trainingChanged(to training: Bool) { self.training = training }

  /// `[n, c, ...]`, unchanged in shape.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    if training, batches.isReady { try batches.value.add_(1) }
    return try x.batchNorm(
      try weight.value, try bias.value, runningMean: try runningMean.value,
      runningVariance: try runningVariance.value, training: training, momentum: momentum, eps: eps)
  }
}

/// Layer normalisation: (x - mean) / sqrt(variance + eps) * weight + bias over the last axes.
/// Source: Ba et al., 2016.
public final class LayerNorm: Layer {
  let shape: [Int]
  /// Of the shape of the axes.
  public let weight: Parameter
  /// Of the shape of the axes.
  public let bias: Parameter
  let eps: Double

  /// A layer over the last axis, of `size`.
  public init(_ size: Int, eps: Double = 1e-5) {
    shape = [size]
    weight = Parameter([size], .constant(1))
    bias = Parameter([size], .constant(0))
    self.eps = eps
  }

  /// Weight and bias.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[..., size]`, unchanged in shape.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.layerNorm(shape, try weight.value, try bias.value, eps: eps)
  }
}

/// Layer normalisation over the channels of `[n, c, h, w]`, for each pixel by itself, as SAM's neck and decoder use it.
public final class LayerNorm2d: Layer {
  /// `[c]`.
  public let weight: Parameter
  /// `[c]`.
  public let bias: Parameter
  let eps: Double

  /// A layer for `channels` channels.
  public init(_ channels: Int, eps: Double = 1e-6) {
    weight = Parameter([channels], .constant(1))
    bias = Parameter([channels], .constant(0))
    self.eps = eps
  }

  /// Weight and bias.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[n, c, h, w]`, unchanged in shape.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    // With the channels last the axis is contiguous, and libtorch's kernel for layers does the work in one pass.
    try x.permute([0, 2, 3, 1])
      .layerNorm(weight.shape, try weight.value, try bias.value, eps: eps)
      .permute([0, 3, 1, 2])
  }
}

/// Instance normalisation: (x - mean) / sqrt(variance + eps) for each channel of each sample of `[n, c, ...]`, then
/// * weight + bias when `affine`. Always by the sample's own statistics. Source: Ulyanov et al., 2016.
public final class InstanceNorm: Layer {
  /// `[c]`, or nil.
  public let weight: Parameter?
  /// `[c]`, or nil.
  public let bias: Parameter?
  let eps: Double

  /// A layer for `channels` channels, over any number of axes.
  public init(_ channels: Int, eps: Double = 1e-5, affine: Bool = false) {
    weight = affine ? Parameter([channels], .constant(1)) : nil
    bias = affine ? Parameter([channels], .constant(0)) : nil
    self.eps = eps
  }

  /// Weight and bias, if there are any.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[n, c, ...]`, unchanged in shape.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.instanceNorm(try weight?.value, try bias?.value, eps: eps)
  }
}

/// Group normalisation: as ``InstanceNorm``, over groups of channels. Source: Wu and He, 2018.
public final class GroupNorm: Layer {
  /// `[c]`.
  public let weight: Parameter
  /// `[c]`.
  public let bias: Parameter
  let groups: Int
  let eps: Double

  /// A layer for `channels` channels in `groups` groups.
  public init(_ groups: Int, _ channels: Int, eps: Double = 1e-5) {
    weight = Parameter([channels], .constant(1))
    bias = Parameter([channels], .constant(0))
    self.groups = groups
    self.eps = eps
  }

  /// Weight and bias.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[n, c, ...]`, unchanged in shape.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.groupNorm(groups, try weight.value, try bias.value, eps: eps)
  }
}
