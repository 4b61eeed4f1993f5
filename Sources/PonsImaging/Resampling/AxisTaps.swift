internal import Glibc

/// One axis of a separable resampling: every output is a weighted sum of `width` neighbouring inputs.
struct AxisTaps: Sendable {
  /// How many inputs make an output; at most the extent of the input.
  let width: Int
  /// For each output, the first of its inputs.
  let first: [Int]
  /// For each output, `width` weights.
  let weights: [Float]
  /// Outputs that are inside of the input; the others have no weights.
  let inside: Range<Int>
  /// Every output is the input of the same index.
  let isIdentity: Bool

  /// How far outside of the outermost voxels' edges still counts as inside, in voxels: rounding must not decide.
  static let slack = 1e-6

  /// - Parameters:
  ///   - origin: where output 0 is, as an input index.
  ///   - step: how far the next output is; not 0.
  ///   - count: number of outputs.
  ///   - extent: number of inputs.
  ///   - interpolation: cubic is for B-spline coefficients, mirrored at the ends; otherwise the outermost voxels are
  ///     continued.
  ///   - sigma: standard deviation of a Gaussian applied before, in input voxels; 0: none.
  init(
    origin: Double, step: Double, count: Int, extent: Int, interpolation: Interpolation = .linear,
    sigma: Double = 0
  ) {
    let kernel = Self.gaussian(sigma)
    let radius = kernel.count / 2
    let isCubic = interpolation == .cubic
    let reach = interpolation == .nearest ? 1 : isCubic ? 4 : 2
    let width = min(extent, reach + 2 * radius)
    var first = [Int](repeating: 0, count: count)
    var weights = [Float](repeating: 0, count: count * width)
    var inside = 0..<0
    var isIdentity = count == extent && radius == 0 && !isCubic
    var sums = [Double](repeating: 0, count: width)
    for output in 0..<count {
      let place = origin + step * Double(output)
      guard place >= -0.5 - Self.slack, place < Double(extent) - 0.5 + Self.slack else {
        isIdentity = false
        continue
      }
      inside = (inside.isEmpty ? output : inside.lowerBound)..<output + 1
      // What linear interpolation sees beyond the outermost centres is the outermost voxel, after smoothing.
      let seen = isCubic ? place : min(max(place, 0), Double(extent - 1))
      let floor = (interpolation == .nearest ? seen + Self.half : seen).rounded(.down)
      let base = Self.weights(seen - floor, interpolation)
      let low = Int(floor) - (isCubic ? 1 : 0) - radius
      func index(_ tap: Int) -> Int {
        isCubic ? Self.mirrored(tap, extent) : min(max(tap, 0), extent - 1)
      }
      let taps = low..<low + reach + 2 * radius
      let start = min(taps.map(index).min() ?? 0, extent - width)
      for tap in sums.indices { sums[tap] = 0 }
      for (shift, smoothing) in kernel.enumerated() {
        for (number, weight) in base.enumerated() {
          sums[index(low + shift + number) - start] += smoothing * weight
        }
      }
      first[output] = start
      for tap in 0..<width { weights[output * width + tap] = Float(sums[tap]) }
      isIdentity = isIdentity && abs(place - Double(output)) < Self.slack
    }
    self.width = width
    self.first = first
    self.weights = weights
    self.inside = inside
    self.isIdentity = isIdentity
  }

  /// What is added to find the nearest voxel: halves go up, and rounding of the input must not decide between labels.
  static let half = 0.5 + 1e-9

  /// Weights at a fraction of the way from a voxel to the next.
  private static func weights(_ t: Double, _ interpolation: Interpolation) -> [Double] {
    let u = 1 - t
    switch interpolation {
    case .nearest: return [1]
    case .linear: return [u, t]
    case .cubic:
      return [
        u * u * u / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * u * u + 3 * u * u * u) / 6,
        t * t * t / 6,
      ]
    }
  }

  /// The index inside that an index outside mirrors to; the outermost voxels are not repeated.
  static func mirrored(_ index: Int, _ extent: Int) -> Int {
    if extent == 1 { return 0 }
    let period = 2 * extent - 2
    let index = ((index % period) + period) % period
    return index < extent ? index : period - index
  }

  /// A Gaussian, cut at four standard deviations, with sum 1.
  static func gaussian(_ sigma: Double) -> [Double] {
    let radius = Int(4 * sigma + 0.5)
    if radius == 0 { return [1] }
    let values = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }
}
