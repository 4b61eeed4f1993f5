internal import PonsKit

/// What hidden pixels become.
enum Fill: String, Codable, Sendable {
  /// 0, as dark as the background.
  case zero
  /// The median of the slice's other brain pixels.
  case median
  /// Values of the slice's other brain pixels, drawn at random, each with replacement.
  case noise

  /// Hides pixels of a slice.
  ///
  /// - Parameters:
  ///   - mask: which.
  ///   - slice: `[y, x]`, 0 to 1.
  ///   - brain: places of the brain's pixels, ascending.
  func apply(
    _ mask: SliceMask, to slice: UnsafeMutableBufferPointer<Float>, brain: [Int],
    using random: inout SplitMix64
  ) {
    let hidden = Set(mask.places)
    let others = brain.filter { !hidden.contains($0) }.map { slice[$0] }
    switch self {
    case .zero: for place in mask.places { slice[place] = 0 }
    case .median:
      let value = Self.median(others)
      for place in mask.places { slice[place] = value }
    case .noise:
      for place in mask.places {
        slice[place] = others.isEmpty ? 0 : others[random.next(below: others.count)]
      }
    }
  }

  /// The mean of the two in the middle where their number is even; 0 of none.
  private static func median(_ values: [Float]) -> Float {
    if values.isEmpty { return 0 }
    let sorted = values.sorted()
    return (sorted[(values.count - 1) / 2] + sorted[values.count / 2]) / 2
  }
}

extension SplitMix64: SliceRandom {}
