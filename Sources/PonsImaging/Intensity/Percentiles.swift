extension Voxels {
  /// Exact percentiles of the selected voxels, as numpy's `percentile(method="linear")` has them: between the two
  /// nearest in rank, in double precision. Nil when nothing is selected.
  ///
  /// Voxels are not sorted: their bits are counted, 16 at a time, until a rank is pinned down.
  ///
  /// - Parameters:
  ///   - percentages: 0...100 each.
  ///   - selection: which voxels count.
  ///   - threads: threads to use; the result does not depend on it.
  public func percentiles(
    _ percentages: [Double], of selection: VoxelSelection = .all, threads: Int = 1
  ) -> [Double]? {
    selection.check(count)
    precondition(percentages.allSatisfy { (0...100).contains($0) }, "a percentage is 0...100")
    return perform(
      PercentileSearch(percentages: percentages, selection: selection, threads: threads))
  }
}

private struct PercentileSearch: ScalarWork {
  let percentages: [Double]
  let selection: VoxelSelection
  let threads: Int

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) -> [Double]? {
    let counting = DigitCounts(voxels, selection, threads)
    let first = counting.counts(prefix: 0, digit: 0)
    let total = first.reduce(0, +)
    if total == 0 { return nil }
    var found: [Int: Double] = [:]
    var below: [Int: [Int]] = [0: first]
    func value(rank: Int) -> Double {
      if let known = found[rank] { return known }
      var remaining = rank
      var prefix = 0
      for digit in 0..<counting.digits {
        let counts: [Int]
        // Ranks next to each other mostly share their first digits; later ones are counted for each.
        if digit <= 1, let known = below[digit << 48 | prefix] {
          counts = known
        } else {
          counts = counting.counts(prefix: prefix, digit: digit)
          if digit == 1 { below[digit << 48 | prefix] = counts }
        }
        var bin = 0
        while remaining >= counts[bin] {
          remaining -= counts[bin]
          bin += 1
        }
        prefix = prefix << counting.bits | bin
      }
      let result = S(orderKey: S.OrderKey(truncatingIfNeeded: prefix)).double
      found[rank] = result
      return result
    }
    return percentages.map { percentage in
      let place = percentage / 100 * Double(total - 1)
      let rank = min(Int(place), total - 1)
      let t = place - Double(rank)
      let low = value(rank: rank)
      if t == 0 { return low }
      let high = value(rank: rank + 1)
      // Both ways of writing it, each where it is exact at its end, as numpy does.
      return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t)
    }
  }
}

/// Counts how often each 16-bit digit of the order keys occurs.
private struct DigitCounts<S: Scalar>: @unchecked Sendable {
  // @unchecked: the voxels are only read.
  private let voxels: UnsafeBufferPointer<S>
  private let selection: VoxelSelection
  private let threads: Int
  /// Bits of a digit.
  let bits = min(16, S.OrderKey.bitWidth)
  /// Digits of a key, the most significant first.
  var digits: Int { S.OrderKey.bitWidth / bits }

  init(_ voxels: UnsafeBufferPointer<S>, _ selection: VoxelSelection, _ threads: Int) {
    self.voxels = voxels
    self.selection = selection
    self.threads = threads
  }

  /// Counts digit number `digit` of the keys that begin with the digits `prefix`.
  func counts(prefix: Int, digit: Int) -> [Int] {
    let bins = 1 << bits
    // Sums of counts are the same however the voxels are divided.
    let parts = max(1, min(threads, voxels.count >> 16))
    var counts = [Int](repeating: 0, count: bins * parts)
    counts.withUnsafeMutableBufferPointer { counts in
      nonisolated(unsafe) let counts = counts
      Parallel.forEach(parts, threads: parts) { part in
        guard let bin = counts.baseAddress.map({ $0 + part * bins }) else { return }
        let range = voxels.count * part / parts..<voxels.count * (part + 1) / parts
        let shift = S.OrderKey.bitWidth - bits * (digit + 1)
        let mask = S.OrderKey(truncatingIfNeeded: bins - 1)
        let wanted = S.OrderKey(truncatingIfNeeded: prefix)
        voxels.forEachBlock(range, selection) { block in
          if digit == 0 {
            for value in block { bin[Int(truncatingIfNeeded: value.orderKey >> shift)] &+= 1 }
          } else {
            for value in block {
              let key = value.orderKey >> shift
              if key >> bits == wanted { bin[Int(truncatingIfNeeded: key & mask)] &+= 1 }
            }
          }
        }
      }
    }
    for part in 1..<max(1, parts) {
      for bin in 0..<bins { counts[bin] += counts[part * bins + bin] }
    }
    return Array(counts.prefix(bins))
  }
}
