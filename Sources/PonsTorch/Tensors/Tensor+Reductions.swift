internal import CTorch

extension Tensor {
  private func reduce(
    _ name: String, _ operation: Int32, _ axes: [Int], _ keep: Bool
  ) throws(TorchError) -> Tensor {
    try Tensor.make(name, [self]) { out in
      withNumbers(axes) { pons_torch_reduce(operation, handle, $0, keep ? 1 : 0, out) }
    }
  }

  /// Sum over axes; none means all. `keep` leaves them with size 1.
  public func sum(_ axes: [Int] = [], keep: Bool = false) throws(TorchError) -> Tensor {
    try reduce("sum", PONS_TORCH_SUM, axes, keep)
  }
  /// Mean over axes; none means all.
  public func mean(_ axes: [Int] = [], keep: Bool = false) throws(TorchError) -> Tensor {
    try reduce("mean", PONS_TORCH_MEAN, axes, keep)
  }
  /// Largest element over axes; none means all.
  public func max(_ axes: [Int] = [], keep: Bool = false) throws(TorchError) -> Tensor {
    try reduce("max", PONS_TORCH_LARGEST, axes, keep)
  }
  /// Smallest element over axes; none means all.
  public func min(_ axes: [Int] = [], keep: Bool = false) throws(TorchError) -> Tensor {
    try reduce("min", PONS_TORCH_SMALLEST, axes, keep)
  }
  /// Variance of the population (divided by n) over axes; none means all.
  public func variance(_ axes: [Int] = [], keep: Bool = false) throws(TorchError) -> Tensor {
    try reduce("variance", PONS_TORCH_VARIANCE, axes, keep)
  }
  /// Whether any element is not 0.
  public func any() throws(TorchError) -> Tensor { try reduce("any", PONS_TORCH_ANY, [], false) }
  /// Whether no element is 0.
  public func all() throws(TorchError) -> Tensor { try reduce("all", PONS_TORCH_ALL, [], false) }

  /// Index of the first largest element along an axis, int64.
  public func argmax(_ axis: Int, keep: Bool = false) throws(TorchError) -> Tensor {
    try Tensor.make("argmax", [self]) {
      pons_torch_argmax(handle, Int64(axis), keep ? 1 : 0, $0)
    }
  }
  /// Square root of the sum of squares over axes; none means all.
  public func norm(_ axes: [Int] = [], keep: Bool = false) throws(TorchError) -> Tensor {
    try Tensor.make("norm", [self]) { out in
      withNumbers(axes) { pons_torch_norm(handle, $0, keep ? 1 : 0, out) }
    }
  }
  /// exp(x) / sum(exp(x)) along an axis.
  public func softmax(_ axis: Int) throws(TorchError) -> Tensor {
    try Tensor.make("softmax", [self]) { pons_torch_softmax(handle, Int64(axis), $0) }
  }
  /// log(softmax(x)) along an axis.
  public func logSoftmax(_ axis: Int) throws(TorchError) -> Tensor {
    try Tensor.make("logSoftmax", [self]) { pons_torch_log_softmax(handle, Int64(axis), $0) }
  }
  /// Sums of the elements up to each along an axis.
  public func cumulativeSum(_ axis: Int) throws(TorchError) -> Tensor {
    try Tensor.make("cumulativeSum", [self]) {
      pons_torch_cumulative_sum(handle, Int64(axis), $0)
    }
  }
}
