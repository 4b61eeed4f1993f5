internal import PonsKit

/// Percentile bootstrap intervals of mean and median, with whole patients drawn (Efron and Tibshirani, 1993).
///
/// Each resample draws as many patients as there are, with replacement, by ``PonsKit/SplitMix64/next(below:)`` from the patients in the
/// order of their first cases, and takes all cases of each. Every call starts from the same seed, so that equally large cohorts get equal draws.
package struct Bootstrap: Sendable {
  /// A statistic and its interval.
  package struct Estimate: Sendable, Hashable {
    package var value: Double
    package var low: Double
    package var high: Double
  }

  let resamples: Int
  let confidence: Double
  let seed: UInt64

  /// - Parameters:
  ///   - resamples: how many, at least 1.
  ///   - confidence: of the intervals, 0 to 1: 0.95.
  ///   - seed: of the draws.
  package init(resamples: Int, confidence: Double, seed: UInt64) {
    self.resamples = resamples
    self.confidence = confidence
    self.seed = seed
  }

  /// Mean and median of the values of patients, of whom each has at least one; NaN when there are none.
  package func estimate(
    _ patients: [[Double]], checkCancelled: () throws -> Void = {}
  ) throws -> (mean: Estimate, median: Estimate) {
    let nothing = Estimate(value: .nan, low: .nan, high: .nan)
    if patients.isEmpty { return (nothing, nothing) }
    var random = SplitMix64(seed: seed)
    var (means, medians) = ([Double](), [Double]())
    means.reserveCapacity(resamples)
    medians.reserveCapacity(resamples)
    var drawn: [Double] = []
    for resample in 0..<resamples {
      if resample % 64 == 0 { try checkCancelled() }
      drawn.removeAll(keepingCapacity: true)
      for _ in patients.indices { drawn += patients[random.next(below: patients.count)] }
      means.append(Self.mean(drawn))
      drawn.sort()
      medians.append(Self.percentile(0.5, ofSorted: drawn))
    }
    let all = patients.joined().sorted()
    return (
      interval(of: &means, around: Self.mean(Array(patients.joined()))),
      interval(of: &medians, around: Self.percentile(0.5, ofSorted: all))
    )
  }

  private func interval(of values: inout [Double], around value: Double) -> Estimate {
    values.sort()
    let tail = (1 - confidence) / 2
    return Estimate(
      value: value, low: Self.percentile(tail, ofSorted: values),
      high: Self.percentile(1 - tail, ofSorted: values))
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// Linear interpolation between the nearest two, as numpy's default.
  private static func percentile(_ part: Double, ofSorted values: [Double]) -> Double {
    let place = part * Double(values.count - 1)
    let lower = min(values.count - 1, max(0, Int(place)))
    let upper = min(values.count - 1, lower + 1)
    return values[lower] + (values[upper] - values[lower]) * (place - Double(lower))
  }
}
