internal import PonsKit
package import PonsTorch

/// 1 - (2 sum(p y) + eps) / (sum(p) + sum(y) + eps) of the second class, each sample by itself, averaged.
///
/// - Parameters:
///   - logits: `[n, 2, d, h, w]`.
///   - classes: int64 `[n, d, h, w]`, 0 or 1.
/// - Source: Milletari et al., "V-Net", 2016, with sums instead of sums of squares.
package func softDice(_ logits: Tensor, _ classes: Tensor) throws(TorchError) -> Tensor {
  let eps = 1e-5
  let probability = try logits.softmax(1).select(1, 1)
  let truth = try classes.to(.float32)
  let overlap = try (probability * truth).sum([1, 2, 3])
  let sizes = try probability.sum([1, 2, 3]) + truth.sum([1, 2, 3])
  let dice = try (overlap * 2 + eps) / (sizes + eps)
  return try -(dice.mean() - 1)
}
