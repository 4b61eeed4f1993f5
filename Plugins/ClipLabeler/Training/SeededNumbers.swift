internal import Glibc

/// The same numbers on every machine: SplitMix64 (Steele, Lea and Flood, 2014).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }

  mutating func within(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(next() >> 40) * 0x1p-24
  }

  mutating func chance(_ probability: Float) -> Bool { within(0...1) < probability }

  /// Gaussian around 0 (Box and Muller, 1958).
  mutating func normal(_ deviation: Float) -> Float {
    let radius = sqrt(-2 * log(within(1e-7...1)))
    return deviation * radius * cos(2 * .pi * within(0...1))
  }
}
