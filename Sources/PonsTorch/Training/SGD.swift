/// Stochastic gradient descent: v = momentum * v + g, p = p - rate * v, with g = gradient + decay * p, and for
/// Nesterov's variant p = p - rate * (g + momentum * v). Source: Sutskever et al., 2013, in PyTorch's form.
public final class SGD: Optimizer {
  /// The parameters, in a fixed order.
  public let parameters: [Parameter]
  /// Factor of a step.
  public var learningRate: Double
  /// Steps taken so far.
  public var steps = 0
  /// `momentum`, when there is any.
  public var memory: [String: [Tensor]] = [:]
  private let momentum: Double
  private let decay: Double
  private let nesterov: Bool

  /// Of the trained parameters of a network, say.
  public init(
    _ parameters: [Parameter], learningRate: Double, momentum: Double = 0, weightDecay: Double = 0,
    nesterov: Bool = false
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.momentum = momentum
    decay = weightDecay
    self.nesterov = nesterov
  }

  /// Changes the parameters once.
  public func step() throws(TorchError) {
    let velocities = momentum == 0 ? [] : try remembered("momentum")
    try forEachGradient { (index, value, gradient) throws(TorchError) in
      var gradient = gradient
      if decay != 0 {
        gradient = try gradient.clone()
        try gradient.add_(value, scale: decay)
      }
      if momentum != 0 {
        let velocity = velocities[index]
        try velocity.multiply_(momentum)
        try velocity.add_(gradient)
        if nesterov {
          gradient = try gradient.clone()
          try gradient.add_(velocity, scale: momentum)
        } else {
          gradient = velocity
        }
      }
      try value.add_(gradient, scale: -learningRate)
    }
    steps += 1
  }
}
