internal import PonsKit

/// What is measured of a volume's voxels.
///
/// Voxels that are NaN are left out of everything and counted. All sums are made in double precision, in blocks, so that the
/// result does not depend on anything but the voxels.
package struct VolumeMeasures: Sendable, Equatable {
  /// Voxels that are numbers.
  package var count = 0
  /// Voxels that are not.
  package var nanCount = 0
  /// Voxels other than 0.
  package var nonzeroCount = 0
  /// The least value; NaN when there is none, like the others.
  package var minimum = Double.nan
  /// The greatest value.
  package var maximum = Double.nan
  /// The arithmetic mean.
  package var mean = Double.nan
  /// The standard deviation of the voxels as a whole population: the mean square is divided by ``count``.
  package var std = Double.nan

  /// Share of the voxels that are not 0.
  package var nonzeroFraction: Double { Double(nonzeroCount) / Double(count) }

  /// No voxels.
  package init() {}

  /// Measures values.
  ///
  /// - Parameters:
  ///   - values: the voxels.
  ///   - double: a voxel as a number.
  ///   - progress: called now and then; what it throws ends the measuring.
  package init<Element>(
    _ values: UnsafeBufferPointer<Element>, double: (Element) -> Double,
    progress: () throws -> Void
  ) rethrows {
    var sum = 0.0
    try Self.blocks(values, progress: progress) { block in
      var part = 0.0
      var low = minimum.isNaN ? Double.infinity : minimum
      var high = maximum.isNaN ? -Double.infinity : maximum
      var numbers = 0
      var nonzero = 0
      for element in block {
        let value = double(element)
        if value.isNaN { continue }
        numbers += 1
        part += value
        if value != 0 { nonzero += 1 }
        if value < low { low = value }
        if value > high { high = value }
      }
      sum += part
      count += numbers
      nonzeroCount += nonzero
      if numbers > 0 {
        minimum = low
        maximum = high
      }
    }
    nanCount = values.count - count
    if count == 0 { return }
    let mean = sum / Double(count)
    self.mean = mean
    var squares = 0.0
    try Self.blocks(values, progress: progress) { block in
      var part = 0.0
      for element in block {
        let difference = double(element) - mean
        if !difference.isNaN { part += difference * difference }
      }
      squares += part
    }
    // Infinite voxels have no spread.
    std = mean.isFinite ? (squares / Double(count)).squareRoot() : .nan
  }

  /// Small blocks: a sum of sums loses far less than one long sum.
  private static func blocks<Element>(
    _ values: UnsafeBufferPointer<Element>, progress: () throws -> Void,
    _ body: (UnsafeBufferPointer<Element>) -> Void
  ) rethrows {
    let size = 4096
    for (number, start) in stride(from: 0, to: values.count, by: size).enumerated() {
      if number & 1023 == 0 { try progress() }
      body(UnsafeBufferPointer(rebasing: values[start..<min(start + size, values.count)]))
    }
  }
}
