internal import Glibc
internal import PonsKit

/// What training draws from ``SplitMix64``: the same on every machine.
struct SeededNumbers: RandomNumberGenerator {
  private var bits: SplitMix64

  init(seed: UInt64) { bits = SplitMix64(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ 1) }

  mutating func next() -> UInt64 { bits.next() }

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
