internal import CTorch

/// What layers compute, as functions of tensors. See the layers for the formulas.
extension Tensor {
  /// `[..., in]` by weights `[out, in]` and `[out]`.
  public func linear(_ weight: Tensor, _ bias: Tensor?) throws(TorchError) -> Tensor {
    try Tensor.make("linear", [self, weight]) {
      pons_torch_linear(handle, weight.handle, bias?.handle, $0)
    }
  }

  /// Convolution over the axes after the channels; one number for each in every list.
  public func convolution(
    _ weight: Tensor, _ bias: Tensor?, stride: [Int], padding: [Int], dilation: [Int],
    groups: Int = 1
  ) throws(TorchError) -> Tensor {
    try convolution(
      weight, bias, stride, padding, dilation, transposed: false,
      outputPadding: stride.map { _ in 0 }, groups)
  }

  /// Transposed convolution over the axes after the channels.
  public func transposedConvolution(
    _ weight: Tensor, _ bias: Tensor?, stride: [Int], padding: [Int], outputPadding: [Int],
    dilation: [Int], groups: Int = 1
  ) throws(TorchError) -> Tensor {
    try convolution(
      weight, bias, stride, padding, dilation, transposed: true, outputPadding: outputPadding,
      groups)
  }

  private func convolution(
    _ weight: Tensor, _ bias: Tensor?, _ stride: [Int], _ padding: [Int], _ dilation: [Int],
    transposed: Bool, outputPadding: [Int], _ groups: Int
  ) throws(TorchError) -> Tensor {
    try Tensor.make("convolution", [self, weight]) { out in
      withNumbers(stride) { stride in
        withNumbers(padding) { padding in
          withNumbers(dilation) { dilation in
            withNumbers(outputPadding) { outputPadding in
              pons_torch_convolution(
                handle, weight.handle, bias?.handle, stride, padding, dilation, transposed ? 1 : 0,
                outputPadding, Int64(groups), out)
            }
          }
        }
      }
    }
  }

  /// Normalised by running statistics, or when training by the batch's, which then update the running ones.
  public func batchNorm(
    _ weight: Tensor?, _ bias: Tensor?, runningMean: Tensor?, runningVariance: Tensor?,
    training: Bool, momentum: Double, eps: Double
  ) throws(TorchError) -> Tensor {
    try Tensor.make("batchNorm", [self]) {
      pons_torch_batch_norm(
        handle, weight?.handle, bias?.handle, runningMean?.handle, runningVariance?.handle,
        training ? 1 : 0, momentum, eps, $0)
    }
  }

  /// Normalised over the last axes, whose sizes are `shape`.
  public func layerNorm(
    _ shape: [Int], _ weight: Tensor?, _ bias: Tensor?, eps: Double
  ) throws(TorchError) -> Tensor {
    try Tensor.make("layerNorm", [self]) { out in
      withNumbers(shape) {
        pons_torch_layer_norm(handle, $0, weight?.handle, bias?.handle, eps, out)
      }
    }
  }

  /// Normalised over the axes after the channels.
  public func instanceNorm(
    _ weight: Tensor?, _ bias: Tensor?, eps: Double
  ) throws(TorchError) -> Tensor {
    try Tensor.make("instanceNorm", [self]) {
      pons_torch_instance_norm(handle, weight?.handle, bias?.handle, eps, $0)
    }
  }

  /// Normalised over groups of channels and the axes after them.
  public func groupNorm(
    _ groups: Int, _ weight: Tensor?, _ bias: Tensor?, eps: Double
  ) throws(TorchError) -> Tensor {
    try Tensor.make("groupNorm", [self]) {
      pons_torch_group_norm(handle, Int64(groups), weight?.handle, bias?.handle, eps, $0)
    }
  }

  /// Rows of this table `[count, size]` by int64 indices of any shape.
  public func rows(_ indices: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make("rows", [self, indices]) {
      pons_torch_embedding(handle, indices.handle, $0)
    }
  }

  /// softmax(scale * q @ k^T + bias) @ v for q `[..., n, d]` (this tensor), k `[..., m, d]`, v `[..., m, e]`.
  ///
  /// - Parameters:
  ///   - bias: broadcasts to `[..., n, m]`; -infinity masks.
  ///   - scale: nil means 1 / sqrt(d).
  /// - Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.1.
  public func attention(
    _ k: Tensor, _ v: Tensor, bias: Tensor? = nil, scale: Double? = nil
  ) throws(TorchError) -> Tensor {
    let size = Double(shape.last ?? 1)
    return try Tensor.make("attention", [self, k, v] + (bias.map { [$0] } ?? [])) {
      pons_torch_attention(
        handle, k.handle, v.handle, bias?.handle, scale ?? 1 / size.squareRoot(), $0)
    }
  }

  /// How values between elements are found.
  public enum Interpolation: Sendable {
    /// The nearest element, as PyTorch's `nearest`; linear in each axis; cubic in each of two axes.
    case nearest, linear, bicubic

    var code: Int32 {
      switch self {
      case .nearest: PONS_TORCH_NEAREST
      case .linear: PONS_TORCH_LINEAR
      case .bicubic: PONS_TORCH_BICUBIC
      }
    }
  }

  /// Resizes the axes after the channels.
  ///
  /// - Parameters:
  ///   - size: a number for each of them.
  ///   - alignCorners: whether the centres of the outer elements coincide, instead of their edges.
  ///   - antialias: widens the kernel when it makes smaller; two axes, linear or bicubic.
  public func upsample(
    to size: [Int], _ mode: Interpolation, alignCorners: Bool = false, antialias: Bool = false
  ) throws(TorchError) -> Tensor {
    try Tensor.make("upsample to \(size)", [self]) { out in
      withNumbers(size) {
        pons_torch_upsample(handle, $0, mode.code, alignCorners ? 1 : 0, antialias ? 1 : 0, out)
      }
    }
  }

  /// The largest element of each window over the axes after the channels.
  public func maxPool(
    _ kernel: [Int], stride: [Int], padding: [Int]
  ) throws(TorchError) -> Tensor {
    try Tensor.make("maxPool", [self]) { out in
      withNumbers(kernel) { kernel in
        withNumbers(stride) { stride in
          withNumbers(padding) { pons_torch_max_pool(handle, kernel, stride, $0, out) }
        }
      }
    }
  }

  /// The mean of each window over the axes after the channels; padding counts as zeros.
  public func averagePool(
    _ kernel: [Int], stride: [Int], padding: [Int]
  ) throws(TorchError) -> Tensor {
    try Tensor.make("averagePool", [self]) { out in
      withNumbers(kernel) { kernel in
        withNumbers(stride) { stride in
          withNumbers(padding) { pons_torch_average_pool(handle, kernel, stride, $0, out) }
        }
      }
    }
  }

  /// Mean of -log(softmax(logits)[class]) for logits `[n, classes, ...]` (this tensor).
  ///
  /// - Parameters:
  ///   - classes: int64 `[n, ...]`.
  ///   - weight: of each class, `[classes]`; the mean is divided by the weights that were used.
  ///   - ignored: a class that does not count.
  ///   - smoothing: share of the target that is spread over all classes.
  public func crossEntropy(
    _ classes: Tensor, weight: Tensor? = nil, ignored: Int = -100, smoothing: Double = 0
  ) throws(TorchError) -> Tensor {
    try Tensor.make("crossEntropy", [self, classes]) {
      pons_torch_cross_entropy(
        handle, classes.handle, weight?.handle, Int64(ignored), smoothing, $0)
    }
  }

  /// Mean binary cross-entropy of sigmoid(logits) (this tensor) and probabilities of the same shape.
  public func binaryCrossEntropy(_ targets: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make("binaryCrossEntropy", [self, targets]) {
      pons_torch_binary_cross_entropy(handle, targets.handle, $0)
    }
  }
}
