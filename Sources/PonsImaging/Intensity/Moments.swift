/// Mean, spread and range of voxels.
public struct Moments: Sendable, Hashable {
  /// How many voxels count.
  public var count = 0
  /// Arithmetic mean; NaN when nothing counts, like the others.
  public var mean = Double.nan
  /// Standard deviation of the voxels as a whole population: the mean square is divided by ``count``.
  public var std = Double.nan
  /// The least value.
  public var minimum = Double.nan
  /// The greatest value.
  public var maximum = Double.nan

  /// Of nothing.
  public init() {}

  init(count: Int, mean: Double, std: Double, minimum: Double, maximum: Double) {
    self.count = count
    self.mean = mean
    self.std = std
    self.minimum = minimum
    self.maximum = maximum
  }
}

extension Voxels {
  /// Measures the selected voxels, after clipping them to a range when one is given.
  ///
  /// Blocks are measured around means of their own and joined pair by pair (Chan, Golub and LeVeque, 1979), in an
  /// order that does not depend on threads.
  public func moments(
    of selection: VoxelSelection = .all,
    clippedTo range: ClosedRange<Double> = -.infinity ... .infinity, threads: Int = 1
  ) -> Moments {
    selection.check(count)
    return perform(MomentsWork(selection: selection, range: range, threads: threads))
  }
}

private struct MomentsWork: ScalarWork {
  let selection: VoxelSelection
  let range: ClosedRange<Double>
  let threads: Int

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) -> Moments {
    nonisolated(unsafe) let voxels = voxels
    let (selection, limits) = (selection, range)
    let grain = 1 << 16
    var parts = [Part](repeating: Part(), count: (voxels.count + grain - 1) / grain)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      Parallel.forRanges(voxels.count, grain: grain, threads: threads) { range in
        var part = Part()
        voxels.forEachBlock(range, selection) { part.join(Part($0, limits)) }
        parts[range.lowerBound / grain] = part
      }
    }
    var all = Part()
    for part in parts { all.join(part) }
    if all.count == 0 { return Moments() }
    return Moments(
      count: Int(all.count), mean: all.mean, std: (all.squares / all.count).squareRoot(),
      minimum: all.minimum, maximum: all.maximum)
  }
}

private struct Part: Sendable {
  var count = 0.0
  var mean = 0.0
  /// Sum of squared differences from the mean.
  var squares = 0.0
  var minimum = Double.infinity
  var maximum = -Double.infinity

  init() {}

  @inline(__always)
  init<S: Scalar>(_ block: UnsafeBufferPointer<S>, _ range: ClosedRange<Double>) {
    count = Double(block.count)
    var sums = SIMD4<Double>.zero
    var low = SIMD4<Double>(repeating: .infinity)
    var high = -low
    let whole = block.count & ~3
    for index in Swift.stride(from: 0, to: whole, by: 4) {
      let values = Self.four(block, index, range)
      sums += values
      low = pointwiseMin(low, values)
      high = pointwiseMax(high, values)
    }
    var sum = sums.sum()
    minimum = low.min()
    maximum = high.max()
    for index in whole..<block.count {
      let value = Swift.min(Swift.max(block[index].double, range.lowerBound), range.upperBound)
      sum += value
      minimum = Swift.min(minimum, value)
      maximum = Swift.max(maximum, value)
    }
    mean = sum / count
    var squared = SIMD4<Double>.zero
    for index in Swift.stride(from: 0, to: whole, by: 4) {
      let difference = Self.four(block, index, range) - mean
      squared += difference * difference
    }
    squares = squared.sum()
    for index in whole..<block.count {
      let value = Swift.min(Swift.max(block[index].double, range.lowerBound), range.upperBound)
      let difference = value - mean
      squares += difference * difference
    }
  }

  @inline(__always)
  private static func four<S: Scalar>(
    _ block: UnsafeBufferPointer<S>, _ index: Int, _ range: ClosedRange<Double>
  ) -> SIMD4<Double> {
    let values = SIMD4(
      block[index].double, block[index &+ 1].double, block[index &+ 2].double,
      block[index &+ 3].double)
    return values.clamped(
      lowerBound: SIMD4(repeating: range.lowerBound), upperBound: SIMD4(repeating: range.upperBound)
    )
  }

  mutating func join(_ other: Part) {
    if other.count == 0 { return }
    let total = count + other.count
    let difference = other.mean - mean
    mean += difference * (other.count / total)
    squares += other.squares + difference * difference * (count * other.count / total)
    count = total
    minimum = Swift.min(minimum, other.minimum)
    maximum = Swift.max(maximum, other.maximum)
  }
}
