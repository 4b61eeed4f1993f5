import PonsKit
import Testing

@Suite struct SplitMix64Tests {
  /// The numbers that the authors' C code (splitmix64.c) prints for the seed 1234567.
  @Test func `numbers are those of the authors`() {
    var random = SplitMix64(seed: 1_234_567)
    let numbers = (0..<5).map { _ in random.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func `numbers below a limit are scaled, and reach every value`() {
    var random = SplitMix64(seed: 1_234_567)
    // 6457827717110365317 * 10 / 2^64 is 3.5, and so on.
    #expect((0..<5).map { _ in random.next(below: 10) } == [3, 1, 5, 2, 8])
    #expect(Set((0..<200).map { _ in random.next(below: 7) }) == Set(0..<7))
    #expect((0..<200).allSatisfy { _ in (0..<1).contains(random.nextUnit()) })
  }
}
