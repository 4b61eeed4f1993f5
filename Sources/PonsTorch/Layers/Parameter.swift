public import PonsKit

/// One named tensor of a layer: a weight that is trained, or a buffer that is only kept (a running mean).
///
/// It has a shape from the beginning and elements only when they are loaded or initialised, so that building a network
/// costs no memory and loading one needs no second copy.
public final class Parameter: @unchecked Sendable {
  // @unchecked: a network is built, loaded and trained by one thread at a time.

  /// How elements are made where none are loaded.
  public enum Initialization: Sendable {
    /// All the same value.
    case constant(Double)
    /// Evenly from -bound to bound.
    case uniform(bound: Double)
    /// Gaussian around 0.
    case normal(deviation: Double)
  }

  /// Sizes of the axes.
  public let shape: [Int]
  /// Type of the elements of a loaded or initialised parameter; int64 for counters.
  public let type: ElementType
  /// Whether it is trained.
  public let isTrained: Bool
  let initialization: Initialization
  private var tensor: Tensor?

  /// A parameter without elements.
  public init(
    _ shape: [Int], type: ElementType = .float32, isTrained: Bool = true,
    _ initialization: Initialization
  ) {
    self.shape = shape
    self.type = type
    self.isTrained = isTrained
    self.initialization = initialization
  }

  /// Whether it has elements.
  public var isReady: Bool { tensor != nil }

  /// The elements.
  ///
  /// - Throws: ``TorchError`` when they have been neither loaded nor initialised.
  public var value: Tensor {
    get throws(TorchError) {
      guard let tensor else {
        throw TorchError(
          "parameter \(shape)", "it has no elements: load weights, or initialise the network")
      }
      return tensor
    }
  }

  /// Takes elements over, without a copy.
  ///
  /// - Throws: ``TorchError`` when the shape is another.
  public func set(_ value: Tensor) throws(TorchError) {
    if value.shape != shape {
      throw TorchError("parameter \(shape)", "the shape is another", operands: [value])
    }
    tensor = value
  }

  /// Makes elements by the rule of the layer.
  public func initialize(_ generator: Generator) throws(TorchError) {
    let made = try Tensor.empty(shape, type: type)
    switch initialization {
    case .constant(let value): try made.fill_(value)
    case .uniform(let bound): try generator.fillUniform(made, -bound, bound)
    case .normal(let deviation): try generator.fillNormal(made, deviation: deviation)
    }
    tensor = made
  }
}
