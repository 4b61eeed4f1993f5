internal import Glibc

/// How the learning rate changes: a factor of the first rate for each step (or epoch), counted from 0.
public enum Schedule: Sendable, Hashable {
  /// Always 1.
  case constant
  /// factor^(floor(t / every)): StepLR.
  case step(every: Int, factor: Double)
  /// (1 - t / total)^power, 0 from `total` on. nnU-Net uses 0.9.
  case polynomial(total: Int, power: Double)
  /// least + (1 - least) (1 + cos(pi t / total)) / 2, `least` from `total` on. Source: Loshchilov and Hutter, 2017.
  case cosine(total: Int, least: Double)

  /// The factor at a step.
  public func factor(at step: Int) -> Double {
    switch self {
    case .constant: return 1
    case .step(let every, let factor): return Glibc.pow(factor, Double(step / max(1, every)))
    case .polynomial(let total, let power):
      return step >= total ? 0 : Glibc.pow(1 - Double(step) / Double(total), power)
    case .cosine(let total, let least):
      if step >= total { return least }
      return least + (1 - least) * (1 + Glibc.cos(.pi * Double(step) / Double(total))) / 2
    }
  }
}
