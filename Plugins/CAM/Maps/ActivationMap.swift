internal import PonsKit
package import PonsTorch

/// How activations `A` and the derivatives `g` of a class's score by them become a map of where the class is seen.
package enum ActivationMap: String, Codable, Sendable, CaseIterable {
  /// relu(sum over channels of relu(g) * A), each place by itself. Source: Jiang et al., "LayerCAM", 2021.
  case layerCAM = "layercam"
  /// relu(sum over channels of mean(g) * A). Source: Selvaraju et al., "Grad-CAM", 2017.
  case gradCAM = "gradcam"
  /// relu(sum over channels of w * A), w = sum over places of a * relu(g) with a = g^2 / (2 g^2 + sum(A) g^3). Source: Chattopadhay et
  /// al., "Grad-CAM++", 2018, equation 19.
  case gradCAMPlusPlus = "gradcam++"

  /// `[n, channels, h, w]` twice -> `[n, h, w]`, not normalised.
  package func callAsFunction(
    _ activations: Tensor, _ gradients: Tensor
  ) throws(TorchError) -> Tensor {
    let (a, g) = (activations, gradients)
    switch self {
    case .layerCAM: return try (g.relu() * a).sum([1]).relu()
    case .gradCAM: return try (g.mean([2, 3], keep: true) * a).sum([1]).relu()
    case .gradCAMPlusPlus:
      let squares = try g * g
      let denominator = try squares * 2 + a.sum([2, 3], keep: true) * squares * g
      // Where g is 0 the weight is 0, whatever the denominator.
      let isZero = try denominator.compare(.equal, 0)
      let safe = try isZero.choose(Tensor.ones([1]), else: denominator)
      let alpha = try squares / safe
      let weights = try (alpha * g.relu()).sum([2, 3], keep: true)
      return try (weights * a).sum([1]).relu()
    }
  }

  /// Maps `[n, h, w]` spread from 0 to 1, each by its own smallest and largest value, or all by common ones; constant maps become
  /// 0.
  package static func normalized(_ maps: Tensor, together: Bool) throws(TorchError) -> Tensor {
    let axes = together ? [0, 1, 2] : [1, 2]
    let least = try maps.min(axes, keep: true)
    let span = try maps.max(axes, keep: true) - least
    let isConstant = try span.compare(.lessOrEqual, 0)
    let spread = try (maps - least) / isConstant.choose(Tensor.ones([1]), else: span)
    return try isConstant.choose(Tensor.zeros([1]), else: spread)
  }
}
