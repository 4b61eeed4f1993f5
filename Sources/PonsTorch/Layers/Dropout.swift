/// Zeroes each element with a probability and divides the others by what remains; does nothing in use.
/// Source: Srivastava et al., 2014.
public final class Dropout: Layer {
  let probability: Double
  private let generator: Generator
  private var training = false

  /// - Parameters:
  ///   - probability: share of the elements that are zeroed, from 0 to below 1.
  ///   - generator: where the choice comes from; its state is part of a checkpoint.
  public init(_ probability: Double, _ generator: Generator) {
    self.probability = probability
    self.generator = generator
  }

  /// Nothing: it has no parameters.
  public func list(in _: inout Members) {}

  /// Chooses whether to do anything.
  public func trainingChanged(to training: Bool) { self.training = training }

  /// Any shape, unchanged.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    if !training || probability == 0 { return x }
    guard let type = x.type else { throw TorchError("dropout", "unknown type", operands: [x]) }
    let kept = try Tensor.empty(x.shape, type: type)
    try generator.fillBernoulli(kept, 1 - probability)
    try kept.divide_(1 - probability)
    return try x * kept.on(x.device)
  }
}

/// Resizes the axes after the channels by a factor.
public final class Upsample: Layer {
  let factor: Int
  let mode: Tensor.Interpolation
  let alignCorners: Bool

  /// - Parameter alignCorners: whether the centres of the outer elements coincide, instead of their edges.
  public init(_ factor: Int, _ mode: Tensor.Interpolation, alignCorners: Bool = false) {
    self.factor = factor
    self.mode = mode
    self.alignCorners = alignCorners
  }

  /// Nothing: it has no parameters.
  public func list(in _: inout Members) {}

  /// `[n, c, ...]` to `[n, c, factor * ...]`.
  public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.upsample(
      to: x.shape.dropFirst(2).map { $0 * factor }, mode, alignCorners: alignCorners)
  }
}
