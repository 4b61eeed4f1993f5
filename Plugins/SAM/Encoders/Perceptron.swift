internal import PonsTorch

/// Two linear layers with an activation in between (`lin1`, `lin2`).
final class Perceptron: Layer {
  enum Activation { case relu, gelu }

  private let first: Linear
  private let second: Linear
  private let activation: Activation

  init(_ width: Int, _ hidden: Int, activation: Activation) {
    first = Linear(width, hidden)
    second = Linear(hidden, width)
    self.activation = activation
  }

  func list(in members: inout Members) {
    members.add("lin1", first)
    members.add("lin2", second)
  }

  /// `[..., width]`, unchanged in shape.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    let hidden: Tensor
    switch activation {
    case .relu:
      hidden = try first(x)
      try hidden.relu_()
    case .gelu:
      // The bias is added in the same pass.
      hidden = try x.linear(first.weight.value, nil)
      try hidden.biasGelu_(first.bias?.value)
    }
    return try second(hidden)
  }
}

/// Linear layers (`layers.0`, ...) with ReLU between them.
final class MultilayerPerceptron: Layer {
  private let layers: [Linear]

  init(_ inputs: Int, _ hidden: Int, _ outputs: Int, depth: Int) {
    layers = (0..<depth).map {
      Linear($0 == 0 ? inputs : hidden, $0 == depth - 1 ? outputs : hidden)
    }
  }

  func list(in members: inout Members) { members.add("layers", layers) }

  /// `[..., inputs]` to `[..., outputs]`.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = try layer(x)
      if index < layers.count - 1 { try x.relu_() }
    }
    return x
  }
}
