internal import PonsImaging
internal import PonsKit

/// What becomes of intensities.
enum IntensityMethod: String, Codable, Sendable, CaseIterable {
  case zscore, minmax, equalize, none
}

/// Normalises the intensities of one channel.
struct Normalization: Sendable {
  let method: IntensityMethod
  /// Percentiles that intensities are clipped to; 0 and 100: not at all.
  let clip: (low: Double, high: Double)
  let bins: Int
  /// Without a mask, voxels that are 0 are measured, too.
  let countsZero: Bool
  let threads: Int

  /// Writes normalised voxels.
  ///
  /// - Returns: what was measured, and what background became.
  /// - Throws: `StageFailure` of category `badInput` when there is nothing to measure, or when it is infinite.
  func apply(
    _ voxels: Voxels, mask: UnsafeBufferPointer<UInt8>?,
    to result: UnsafeMutableBufferPointer<Float>
  ) throws -> JSON {
    let selection: VoxelSelection = mask.map { .mask($0) } ?? (countsZero ? .all : .nonzero)
    let range = try clipRange(voxels, selection)
    var facts: [String: JSON] = [:]
    if range.lowerBound > -.infinity { facts["clip_low"] = .number(range.lowerBound) }
    if range.upperBound < .infinity { facts["clip_high"] = .number(range.upperBound) }
    if method == .equalize {
      // Background that was raised to the lower limit could not be told from the rest.
      let isRaised = mask == nil && !countsZero
      let clipping = LinearIntensity(
        clippingTo: isRaised ? -.infinity...range.upperBound : range)
      clipping.apply(voxels, mask: mask, to: result, threads: threads)
      let clipped = Voxels(UnsafeBufferPointer(result))
      guard
        let map = HistogramEqualization(
          of: clipped, selection: selection, bins: bins, threads: threads)
      else { throw Self.notFinite }
      map.apply(clipped, mask: mask, to: result, threads: threads)
      facts["background"] = .number(mask == nil ? map(clipping(0)) : 0)
      return .object(facts)
    }
    let line = try line(voxels, selection, range, &facts)
    line.apply(voxels, mask: mask, to: result, threads: threads)
    facts["background"] = .number(Double(Float(line(0))))
    return .object(facts)
  }

  private func clipRange(
    _ voxels: Voxels, _ selection: VoxelSelection
  ) throws -> ClosedRange<Double> {
    guard let found = voxels.percentiles([clip.low, clip.high], of: selection, threads: threads)
    else {
      throw StageFailure(
        .badInput, code: "EMPTY",
        "there is no voxel to measure: all are 0, NaN or outside of the "
          + "mask", port: "volume")
    }
    let low = clip.low > 0 ? found[0] : -Double.infinity
    let high = clip.high < 100 ? found[1] : Double.infinity
    guard low <= high else { throw Self.notFinite }
    return low...high
  }

  private func line(
    _ voxels: Voxels, _ selection: VoxelSelection, _ range: ClosedRange<Double>,
    _ facts: inout [String: JSON]
  ) throws -> LinearIntensity {
    if method == .none { return LinearIntensity(clippingTo: range) }
    let moments = voxels.moments(of: selection, clippedTo: range, threads: threads)
    guard moments.mean.isFinite, moments.std.isFinite else { throw Self.notFinite }
    if method == .minmax {
      facts["minimum"] = .number(moments.minimum)
      facts["maximum"] = .number(moments.maximum)
      return LinearIntensity(unitRangeOf: moments.minimum...moments.maximum)
    }
    facts["mean"] = .number(moments.mean)
    facts["std"] = .number(moments.std)
    return LinearIntensity(zScoreOf: moments, clippingTo: range)
  }

  private static let notFinite = StageFailure(
    .badInput, code: "NOT_FINITE", "the volume has infinite voxels",
    hint: "clip them by setting clip_low and clip_high", port: "volume")
}
