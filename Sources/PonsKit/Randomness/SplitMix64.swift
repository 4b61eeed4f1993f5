/// Random numbers that are the same on every machine and in every version: SplitMix64 (Steele, Lea and Flood, 2014).
///
/// A stage seeds it with ``Context/seed``, so that a run can be repeated. State s, in arithmetic modulo 2^64: `s += 0x9e3779b97f4a7c15`,
/// then `z = (s ^ s >> 30) * 0xbf58476d1ce4e5b9`, `z = (z ^ z >> 27) * 0x94d049bb133111eb`, and `z ^ z >> 31` comes out.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
  /// Where the generator is in its sequence; another one that is seeded with it goes on from here.
  public private(set) var state: UInt64

  /// A generator; equal seeds give equal numbers.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// A number in `0..<limit`: the upper 64 bits of the product of `next()` and the limit, which is positive.
  public mutating func next(below limit: Int) -> Int {
    precondition(limit > 0, "the limit is positive")
    return Int(next().multipliedFullWidth(by: UInt64(limit)).high)
  }

  /// A number in 0..<1: the upper 53 bits of `next()`, divided by 2^53.
  public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
