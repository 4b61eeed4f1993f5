/// Adam: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = p - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps).
///
/// With `decoupled` decay (AdamW), p is first multiplied by 1 - rate * decay; otherwise decay * p is part of g.
/// Sources: Kingma and Ba, 2015; Loshchilov and Hutter, 2019.
public final class Adam: Optimizer {
  /// The parameters, in a fixed order.
  public let parameters: [Parameter]
  /// Factor of a step.
  public var learningRate: Double
  /// Steps taken so far.
  public var steps = 0
  /// `mean` and `square`: m and v.
  public var memory: [String: [Tensor]] = [:]
  private let betas: (Double, Double)
  private let eps: Double
  private let decay: Double
  private let decoupled: Bool

  /// Of the trained parameters of a network, say.
  public init(
    _ parameters: [Parameter], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 0, decoupled: Bool = false
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.betas = betas
    self.eps = eps
    decay = weightDecay
    self.decoupled = decoupled
  }

  /// Changes the parameters once.
  public func step() throws(TorchError) {
    let means = try remembered("mean")
    let squares = try remembered("square")
    steps += 1
    let bias1 = 1 - power(betas.0, steps)
    let bias2 = (1 - power(betas.1, steps)).squareRoot()
    try forEachGradient { (index, value, gradient) throws(TorchError) in
      var gradient = gradient
      if decay != 0 && decoupled {
        try value.multiply_(1 - learningRate * decay)
      } else if decay != 0 {
        gradient = try gradient.clone()
        try gradient.add_(value, scale: decay)
      }
      try means[index].lerp_(gradient, weight: 1 - betas.0)
      try squares[index].multiply_(betas.1)
      try squares[index].addProduct_(gradient, gradient, scale: 1 - betas.1)
      let denominator = try squares[index].sqrt()
      try denominator.divide_(bias2)
      try denominator.add_(eps)
      try value.addQuotient_(means[index], denominator, scale: -learningRate / bias1)
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
      if rest % 2 == 1 { result *= factor }
      factor *= factor
      rest /= 2
    }
    return result
  }
}

/// ``Adam`` with decoupled decay.
public func AdamW(
  _ parameters: [Parameter], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
  eps: Double = 1e-8, weightDecay: Double = 1e-2
) -> Adam {
  Adam(
    parameters, learningRate: learningRate, betas: betas, eps: eps, weightDecay: weightDecay,
    decoupled: true)
}
