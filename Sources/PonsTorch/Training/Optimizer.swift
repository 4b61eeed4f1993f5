/// Changes parameters by their gradients.
///
/// One call of ``step()`` after `backward()`; ``zeroGradients()`` before the next. What it remembers between steps is listed
/// in ``memory`` so that a checkpoint can hold it.
public protocol Optimizer: AnyObject {
  /// The parameters, in a fixed order.
  var parameters: [Parameter] { get }
  /// Factor of a step; schedules change it.
  var learningRate: Double { get set }
  /// Steps taken so far.
  var steps: Int { get set }
  /// Tensors that are remembered between steps, one list for each parameter, by name. Empty before the first step.
  var memory: [String: [Tensor]] { get set }

  /// Changes the parameters once.
  func step() throws(TorchError)
}

extension Optimizer {
  /// Forgets the gradients of all parameters.
  public func zeroGradients() throws(TorchError) {
    for parameter in parameters { try parameter.value.setGrad_(nil) }
  }

  /// Scales all gradients down together when their common norm is larger than a limit.
  ///
  /// - Returns: the norm before.
  /// - Source: Pascanu et al., "On the difficulty of training recurrent neural networks", 2013; eps as in PyTorch.
  @discardableResult
  public func clipGradients(norm limit: Double) throws -> Double {
    try withoutGradients {
      let gradients = try parameters.compactMap { try $0.value.grad }
      if gradients.isEmpty { return 0 }
      let norm = try Tensor.stack(gradients.map { try $0.norm() }).norm().item()
      let factor = limit / (norm + 1e-6)
      if factor < 1 { for gradient in gradients { try gradient.multiply_(factor) } }
      return norm
    }
  }

  /// Calls `body` for each parameter that has a gradient, with its place in the list, without recording.
  func forEachGradient(
    _ body: (Int, Tensor, Tensor) throws(TorchError) -> Void
  ) throws(TorchError) {
    let before = recording(false)
    defer { _ = recording(before) }
    for (index, parameter) in parameters.enumerated() {
      let value = try parameter.value
      if let gradient = try value.grad { try body(index, value, gradient) }
    }
  }

  /// The remembered tensors of a name, made as zeros at the first use.
  func remembered(_ name: String) throws(TorchError) -> [Tensor] {
    if let tensors = memory[name] { return tensors }
    var made: [Tensor] = []
    for parameter in parameters {
      let value = try parameter.value
      made.append(try Tensor.zeros(parameter.shape, type: parameter.type, on: value.device))
    }
    memory[name] = made
    return made
  }
}
