internal import Glibc
internal import PonsKit
package import PonsTorch

/// Runs a network over a volume in overlapping windows and blends the answers with Gaussian weights, so that windows' edges,
/// where a network sees least, count least.
///
/// The weights of an axis are exp(-(i - centre)^2 / (2 sigma^2)), sigma being an eighth of the window; a window's are their product.
/// Answers (logits) are summed with these weights and divided by the sum of the weights. Source: Isensee et al., nnU-Net, 2021.
package struct SlidingWindow: Sendable {
  /// Size of the window, z, y, x.
  package let window: [Int]
  /// Share of a window that the next one overlaps, from 0 to below 1.
  package let overlap: Double

  package init(window: [Int], overlap: Double) {
    self.window = window
    self.overlap = overlap
  }

  /// First voxels of the windows along an axis; the last window ends with the volume.
  package func starts(_ size: Int, _ window: Int) -> [Int] {
    if size <= window { return [0] }
    let step = max(1, Int((Double(window) * (1 - overlap)).rounded(.down)))
    return Array(stride(from: 0, to: size - window, by: step)) + [size - window]
  }

  /// Weights of a window, `[z, y, x]`; the largest is 1, none is 0.
  package func weights() throws(TorchError) -> Tensor {
    var product = try Tensor.ones([1, 1, 1])
    for (axis, size) in window.enumerated() {
      let sigma = Double(size) / 8
      let centre = Double(size - 1) / 2
      let values = (0..<size).map { index -> Float in
        let distance = (Double(index) - centre) / sigma
        return Float(Glibc.exp(-distance * distance / 2))
      }
      var shape = [1, 1, 1]
      shape[axis] = size
      product = try product * Tensor.of(values, shape: shape)
    }
    return try (product / product.max()).clamp(1e-6)
  }

  /// Logits `[classes, z, y, x]` of a volume `[z, y, x]`.
  ///
  /// - Parameters:
  ///   - fill: what a volume that is smaller than the window is surrounded with.
  ///   - progress: called with the share that is done; throws to stop.
  ///   - network: `[1, 1, window]` to `[1, classes, window]`.
  package func run(
    _ volume: Tensor, fill: Double, progress: (Double) throws -> Void,
    network: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let size = volume.shape
    let before = zip(window, size).map { max(0, ($0 - $1) / 2) }
    let after = zip(window, size).enumerated().map { max(0, $1.0 - $1.1 - before[$0]) }
    // The last axis comes first, as PyTorch has it.
    let amounts = [2, 1, 0].flatMap { [before[$0], after[$0]] }
    let padded = amounts.contains { $0 > 0 } ? try volume.pad(amounts, value: fill) : volume
    let weights = try weights()
    let places = zip(padded.shape, window).map { starts($0, $1) }
    let count = places.reduce(1) { $0 * $1.count }
    if count == 1 {
      try progress(0)
      let logits = try network(padded.unsqueeze(0).unsqueeze(0)).squeeze(0)
      return try cropped(logits, before, size)
    }
    let total = try Tensor.zeros(padded.shape)
    var sum: Tensor?
    var done = 0
    for z in places[0] {
      for y in places[1] {
        for x in places[2] {
          try progress(Double(done) / Double(count))
          let start = [z, y, x]
          let part = try cut(padded, start)
          let logits = try network(part.unsqueeze(0).unsqueeze(0)).squeeze(0)
          let result = try sum ?? Tensor.zeros([logits.shape[0]] + padded.shape)
          sum = result
          try cut(result, start).addProduct_(logits, weights, scale: 1)
          try cut(total, start).add_(weights)
          done += 1
        }
      }
    }
    guard let sum else { throw TorchError("sliding window", "the volume is empty") }
    return try cropped(sum / total, before, size)
  }

  /// The window that begins at a voxel, as a view on the last three axes.
  private func cut(_ x: Tensor, _ start: [Int]) throws(TorchError) -> Tensor {
    var x = x
    for axis in 0..<3 {
      x = try x.slice(axis - 3, from: start[axis], to: start[axis] + window[axis])
    }
    return x
  }

  private func cropped(_ x: Tensor, _ start: [Int], _ size: [Int]) throws(TorchError) -> Tensor {
    var x = x
    for axis in 0..<3 { x = try x.slice(axis - 3, from: start[axis], to: start[axis] + size[axis]) }
    return x
  }
}
