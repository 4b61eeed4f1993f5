/// Changes intensities along a straight line: values are clipped to `range`, then `(value - shift) * scale`. NaN
/// counts as 0.
public struct LinearIntensity: Sendable, Hashable {
  /// What values are clipped to first.
  public var range: ClosedRange<Double>
  /// What becomes 0.
  public var shift: Double
  /// What a difference is multiplied by.
  public var scale: Double

  /// A line.
  public init(
    clippingTo range: ClosedRange<Double> = -.infinity ... .infinity, shift: Double = 0,
    scale: Double = 1
  ) {
    self.range = range
    self.shift = shift
    self.scale = scale
  }

  /// Mean 0 and standard deviation 1 for voxels with these moments; constant voxels become 0.
  public init(zScoreOf moments: Moments, clippingTo range: ClosedRange<Double>) {
    let scale = moments.std > 0 ? 1 / moments.std : 0
    self.init(clippingTo: range, shift: moments.mean, scale: scale)
  }

  /// `range` to 0...1; an empty range to 0.
  public init(unitRangeOf range: ClosedRange<Double>) {
    let width = range.upperBound - range.lowerBound
    self.init(clippingTo: range, shift: range.lowerBound, scale: width > 0 ? 1 / width : 0)
  }

  /// What becomes of a value.
  public func callAsFunction(_ value: Double) -> Double {
    let value = value.isNaN ? 0 : value
    return (min(max(value, range.lowerBound), range.upperBound) - shift) * scale
  }

  /// Changes voxels, in double precision, and rounds them to float.
  ///
  /// - Parameters:
  ///   - voxels: any type.
  ///   - mask: voxels where it is 0 are taken as 0.
  ///   - result: as many.
  ///   - threads: threads to use.
  public func apply(
    _ voxels: Voxels, mask: UnsafeBufferPointer<UInt8>? = nil,
    to result: UnsafeMutableBufferPointer<Float>, threads: Int = 1
  ) {
    precondition(
      result.count == voxels.count && mask.map { $0.count == voxels.count } != false,
      "there is room for every voxel")
    guard let output = result.baseAddress else { return }
    voxels.perform(
      LinearIntensityWork(line: self, mask: mask, output: output, threads: threads))
  }
}

private struct LinearIntensityWork: ScalarWork {
  let line: LinearIntensity
  let mask: UnsafeBufferPointer<UInt8>?
  let output: UnsafeMutablePointer<Float>
  let threads: Int

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) {
    nonisolated(unsafe) let voxels = voxels
    nonisolated(unsafe) let work = self
    Parallel.forRanges(voxels.count, grain: 1 << 16, threads: threads) { range in
      work.change(voxels, range)
    }
  }

  private func change<S: Scalar>(_ voxels: UnsafeBufferPointer<S>, _ range: Range<Int>) {
    guard let input = voxels.baseAddress else { return }
    let (low, high) = (line.range.lowerBound, line.range.upperBound)
    let (shift, scale) = (line.shift, line.scale)
    func changed(_ value: Double) -> Float {
      var value = value == value ? value : 0
      value = value < low ? low : value
      value = value > high ? high : value
      return Float((value - shift) * scale)
    }
    if let mask = mask?.baseAddress {
      let outside = changed(0)
      for index in range {
        let value = changed(input[index].double)
        output[index] = mask[index] == 0 ? outside : value
      }
    } else {
      for index in range { output[index] = changed(input[index].double) }
    }
  }
}
