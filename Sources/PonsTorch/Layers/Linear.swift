/// y = x W^T + b over the last axis.
///
/// Weight `[out, in]`, bias `[out]`. Initialised as PyTorch does: evenly within 1 / sqrt(in).
public final class Linear: Layer {
  /// `[out, in]`.
  public let weight: Parameter
  /// `[out]`, or nil.
  public let bias: Parameter?

  /// A layer from `inputs` to `outputs` features.
  public init(_ inputs: Int, _ outputs: Int, bias hasBias: Bool = true) {
    let bound = 1 / Double(max(1, inputs)).squareRoot()
    weight = Parameter([outputs, inputs], .uniform(bound: bound))
    bias = hasBias ? Parameter([outputs], .uniform(bound: bound)) : nil
  }

  /// Weight and bias.
  public func list(in members: inout Members) {
    members.add("weight", weight)
    members.add("bias", bias)
  }

  /// `[..., in]` to `[..., out]`.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.linear(try weight.value, try bias?.value)
  }
}

/// Rows of a table by index.
///
/// Weight `[count, size]`, initialised by a standard Gaussian.
public final class Embedding: Layer {
  /// `[count, size]`.
  public let weight: Parameter

  /// A table of `count` rows.
  public init(_ count: Int, _ size: Int) {
    weight = Parameter([count, size], .normal(deviation: 1))
  }

  /// The table.
  public func list(in members: inout Members) { members.add("weight", weight) }

  /// int64 indices of any shape to `[..., size]`.
  public func callAsFunction(_ indices: Tensor) throws(TorchError) -> Tensor {
    try weight.value.rows(indices)
  }
}
