import PonsHost
import PonsKit
import Testing

struct ScanAnswerTests {
  private let descriptor = PluginDescriptor(
    name: "sample", version: "1", build: "b",
    stages: [
      StageDescriptor(
        id: "sample.filter", version: "2", summary: "s",
        inputs: [
          PortDescriptor(
            name: "volume", kind: "volume", flow: .input(.each), elementTypes: [.int16, .float32]),
          PortDescriptor(
            name: "mask", kind: "mask", flow: .input(.each), isOptional: true, isGroundTruth: true,
            sameGrid: "volume"),
        ],
        outputs: [PortDescriptor(name: "volume", kind: "volume", flow: .output(.perCase))],
        parameters: [ParameterDescriptor("x", .array(.number), defaultValue: [1.5], maximum: 3)],
        concurrency: .parallel, isTransient: true)
    ])

  @Test func `a descriptor survives the way through the child's answer`() throws {
    let bytes = Array(ScanAnswer.json(.success(descriptor)).canonical.utf8)
    #expect(try PluginScanner.finding(answer: bytes).get() == descriptor)
    let fault = PluginFault(code: "CRASHED", "signal")
    let other = Array(ScanAnswer.json(.failure(fault)).canonical.utf8)
    #expect(throws: fault) { try PluginScanner.finding(answer: other).get() }
  }

  @Test func `no answer of a child crashes the host, and what is accepted keeps the rules`() {
    let valid = Array(ScanAnswer.json(.success(descriptor)).canonical.utf8)
    let pieces = ["null", "[]", "{}", "\"\"", "-1", "1e308", "true", "\"any\"", "\"all\"", ","]
    var random = FixedRandom(state: 7)
    var accepted = 0
    for _ in 0..<5_000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0..<12, using: &random))
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(place..<end)
        default:
          let piece = pieces.randomElement(using: &random) ?? ""
          bytes.replaceSubrange(place..<end, with: Array(piece.utf8))
        }
        if bytes.isEmpty { bytes = valid }
      }
      guard case .success(let found) = PluginScanner.finding(answer: bytes) else { continue }
      accepted += 1
      #expect(found.stages.allSatisfy { $0.mistake == nil })
    }
    #expect(accepted > 50, "some mutations must be harmless: \(accepted)")
  }
}

/// A random number generator with a fixed sequence.
struct FixedRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var mixed = state
    mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
    return mixed ^ (mixed >> 33)
  }
}
