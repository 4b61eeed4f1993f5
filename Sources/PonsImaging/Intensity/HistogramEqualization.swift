/// Spreads intensities so that each is about as frequent: a value becomes the share of the selected voxels that are
/// not greater.
///
/// The definition is that of scikit-image's `exposure.equalize_hist`: the cumulative histogram, interpolated linearly
/// between the centres of its bins. Integers of at most 16 bits have a bin for each value, others `bins` equal ones.
public struct HistogramEqualization: Sendable, Hashable {
  /// Value at the centre of the first bin.
  private let first: Double
  /// Distance of the centres.
  private let step: Double
  /// Share of voxels in this bin and below, for each bin.
  private let cumulative: [Double]

  /// Measures the selected voxels; nil when there are none.
  ///
  /// - Parameters:
  ///   - bins: how many bins, for types other than integers of at most 16 bits.
  ///   - threads: threads to use for the range of values.
  public init?(
    of voxels: Voxels, selection: VoxelSelection = .all, bins: Int = 256, threads: Int = 1
  ) {
    let moments = voxels.moments(of: selection, threads: threads)
    guard moments.count > 0, moments.minimum.isFinite, moments.maximum.isFinite else { return nil }
    let isNarrow = voxels.type.isInteger && voxels.type.size <= 2
    var (low, high) = (moments.minimum, moments.maximum)
    let count: Int
    if isNarrow {
      count = Int(high - low) + 1
      (first, step) = (low, 1)
      (low, high) = (low - 0.5, high + 0.5)
    } else {
      count = max(1, bins)
      // numpy's histogram of equal values.
      if low == high { (low, high) = (low - 0.5, high + 0.5) }
      step = (high - low) / Double(count)
      first = low + step / 2
    }
    let histogram = voxels.perform(
      Histogram(low: low, high: high, count: count, selection: selection))
    var sum = 0
    cumulative = histogram.map {
      sum += $0
      return Double(sum) / Double(moments.count)
    }
  }

  /// What becomes of a value: 0...1. NaN counts as 0.
  public func callAsFunction(_ value: Double) -> Double {
    let place = ((value.isNaN ? 0 : value) - first) / step
    if !(place > 0) { return cumulative[0] }
    if place >= Double(cumulative.count - 1) { return cumulative[cumulative.count - 1] }
    let bin = Int(place)
    return cumulative[bin] + (place - Double(bin)) * (cumulative[bin + 1] - cumulative[bin])
  }

  /// Changes voxels to 0...1.
  ///
  /// - Parameters:
  ///   - mask: voxels where it is 0 become 0.
  ///   - result: as many as there are voxels.
  ///   - threads: threads to use.
  public func apply(
    _ voxels: Voxels, mask: UnsafeBufferPointer<UInt8>? = nil,
    to result: UnsafeMutableBufferPointer<Float>, threads: Int = 1
  ) {
    apply(voxels, mask, result, 1, threads) { Float($0) }
  }

  /// Changes voxels to 0...255, rounded.
  ///
  /// - Parameters:
  ///   - mask: voxels where it is 0 become 0.
  ///   - result: as many as there are voxels.
  ///   - threads: threads to use.
  public func apply(
    _ voxels: Voxels, mask: UnsafeBufferPointer<UInt8>? = nil,
    to result: UnsafeMutableBufferPointer<UInt8>, threads: Int = 1
  ) {
    apply(voxels, mask, result, 255, threads) { UInt8(truncatingIfNeeded: Int($0 + 0.5)) }
  }

  @inline(__always)
  private func apply<Output: Sendable>(
    _ voxels: Voxels, _ mask: UnsafeBufferPointer<UInt8>?,
    _ result: UnsafeMutableBufferPointer<Output>, _ scale: Double, _ threads: Int,
    _ convert: @escaping @Sendable (Double) -> Output
  ) {
    precondition(
      result.count == voxels.count && mask.map { $0.count == voxels.count } != false,
      "there is room for every voxel")
    guard let output = result.baseAddress else { return }
    // The last bin once more, so that there is always a next one.
    let shares = (cumulative + [cumulative[cumulative.count - 1]]).map { $0 * scale }
    voxels.perform(
      EqualizationWork(
        first: first, step: step, shares: shares, mask: mask, output: output, threads: threads,
        convert: convert))
  }
}

private struct EqualizationWork<Output: Sendable>: ScalarWork {
  let first: Double
  let step: Double
  let shares: [Double]
  let mask: UnsafeBufferPointer<UInt8>?
  let output: UnsafeMutablePointer<Output>
  let threads: Int
  let convert: @Sendable (Double) -> Output

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) {
    nonisolated(unsafe) let voxels = voxels
    nonisolated(unsafe) let work = self
    Parallel.forRanges(voxels.count, grain: 1 << 16, threads: threads) { range in
      work.change(voxels, range)
    }
  }

  private func change<S: Scalar>(_ voxels: UnsafeBufferPointer<S>, _ range: Range<Int>) {
    let last = Double(shares.count - 2)
    let outside = convert(0)
    shares.withUnsafeBufferPointer { shares in
      for index in range {
        var value = voxels[index].double
        value = value == value ? value : 0
        var place = (value - first) / step
        place = place > 0 ? place : 0
        place = place < last ? place : last
        let bin = Int(place)
        let low = shares[bin]
        let result = convert(low + (place - Double(bin)) * (shares[bin &+ 1] - low))
        output[index] = mask.map { $0[index] == 0 } == true ? outside : result
      }
    }
  }
}

/// Counts in equal bins from `low` to `high`; `high` itself is in the last one.
private struct Histogram: ScalarWork {
  let low: Double
  let high: Double
  let count: Int
  let selection: VoxelSelection

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    let factor = Double(count) / (high - low)
    let width = (high - low) / Double(count)
    voxels.forEachBlock(0..<voxels.count, selection) { block in
      for value in block {
        let value = value.double
        var bin = min(Int((value - low) * factor), count - 1)
        // Rounding may miss by one: the edges decide, as in numpy.
        if bin > 0, value < low + Double(bin) * width { bin -= 1 }
        if bin < count - 1, value >= low + Double(bin + 1) * width { bin += 1 }
        counts[bin] += 1
      }
    }
    return counts
  }
}
