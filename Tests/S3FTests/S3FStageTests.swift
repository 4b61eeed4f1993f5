import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct S3FStageTests {
  private let plugin: PluginUnderTest
  private let table: ReferenceTable
  init() throws {
    plugin = try PluginUnderTest("s3f")
    table = try ReferenceTable("s3f.txt")
  }

  /// The masks of the fixture as cases c0, c1, ...
  private func masks(_ side: String, slices: JSON? = nil, numbers: Range<Int> = 0..<8) throws
    -> [Packet]
  {
    let shape = try table.numbers("shape").map { Int($0) }
    return try numbers.map { number in
      var metadata: [String: JSON] = ["labels": ["lesion"]]
      metadata["slices"] = slices
      return try .mask(
        case: "c\(number)", table.numbers("mask.\(number).\(side)").map { UInt8($0 * 3) }, shape,
        metadata: .object(metadata))
    }
  }

  private func column(_ call: LocalCall, _ name: String) throws -> Packet {
    let packet = try #require(call.record.sent.first { $0.port == "scores" }?.packet)
    _ = try #require(packet.tensor(name), "no column \(name)")
    return packet
  }

  private func similarities(_ call: LocalCall) throws -> [Double] {
    try column(call, "similarity").values(of: "similarity")
  }

  private func strings(_ call: LocalCall, _ name: String) throws -> [String] {
    let bytes: [UInt8] = try column(call, name).values(of: name)
    return try JSON(parsing: bytes).array?.compactMap(\.string) ?? []
  }

  private func expected(_ name: String) throws -> [Double] {
    try (0..<8).flatMap { try table.numbers("mask.\($0).\(name)") }
  }

  @Test func `similarities are Dice coefficients, and of empty masks agreement or none`() throws {
    let call = try plugin.stage("s3f.score").process(all: ["a": masks("a"), "b": masks("b")])
    // The same operations on the same whole numbers: nothing to tolerate.
    #expect(try similarities(call) == expected("dice"))
    #expect(try strings(call, "case") == (0..<8).map { "c\($0)" })
    #expect(
      try strings(call, "empty") == ["none", "both", "a", "b", "none", "none", "none", "none"])
  }

  @Test func `where not every slice was prompted, those that were are compared`() throws {
    let stage = try plugin.stage("s3f.score", ["slices": "prompted"])
    let slices = JSON.array(try table.numbers("slices").map { .integer(Int64($0)) })
    let call = try stage.process(all: ["a": masks("a"), "b": masks("b", slices: slices)])
    #expect(try similarities(call) == expected("dice_of_slices"))
    for wrong in [nil, [5], ["1"], [-1]] as [JSON?] {
      let failure = #expect(throws: StageFailure.self) {
        _ = try stage.process(all: ["a": masks("a"), "b": masks("b", slices: wrong)])
      }
      #expect(failure?.code == "NO_SLICES" && failure?.message.contains("c0") == true)
    }
  }

  @Test func `the best stay as they came, the others are dropped with score and rank`() throws {
    let stage = try plugin.stage("s3f.filter", ["keep_fraction": 0.5])
    let call = try stage.process(all: ["a": masks("a"), "b": masks("b")])
    let scores = try expected("dice")
    let order = scores.indices.sorted {
      scores[$0] > scores[$1] || scores[$0] == scores[$1] && $0 < $1
    }
    let kept = order.prefix(4).sorted().map { "c\($0)" }
    let sent = call.record.sent.filter { $0.port == "mask" }
    #expect(sent.map(\.caseKey) == kept && sent.allSatisfy(\.isForwarded))
    #expect(sent.map(\.packet.caseKey) == kept)
    let verdicts = call.record.verdicts
    #expect(verdicts.map(\.caseKey) == (0..<8).map { "c\($0)" })
    #expect(verdicts.map(\.score) == scores)
    #expect(verdicts.map(\.decision) == (0..<8).map { kept.contains("c\($0)") ? .keep : .drop })
    let ranks = (0..<8).map { index in (order.firstIndex(of: index) ?? -1) + 1 }
    #expect(verdicts.map(\.rank) == ranks)
    #expect(try column(call, "rank").values(of: "rank", Int64.self).map { Int($0) } == ranks)
    #expect(try column(call, "kept").values(of: "kept", Int64.self).reduce(0, +) == 4)
    let dropped = try #require(verdicts.first { $0.decision == .drop })
    #expect(dropped.reason.hasSuffix("is not among the best 4"), "\(dropped.reason)")
  }

  @Test func `a least similarity drops, too, and says so`() throws {
    let stage = try plugin.stage("s3f.filter", ["keep_fraction": 1, "min_similarity": 0.5])
    let call = try stage.process(all: ["a": masks("a"), "b": masks("b")])
    let scores = try expected("dice")
    #expect(call.record.verdicts.map { $0.decision == .keep } == scores.map { $0 >= 0.5 })
    let reasons = call.record.verdicts.filter { $0.decision == .drop }.map(\.reason)
    #expect(!reasons.isEmpty && reasons.allSatisfy { $0.hasSuffix("is less than 0.5") })
  }

  @Test func `nothing stays: a warning, and every case is dropped`() throws {
    let stage = try plugin.stage("s3f.filter", ["keep_fraction": 0])
    let call = try stage.process(all: ["a": masks("a"), "b": masks("b")])
    #expect(call.record.verdicts.count == 8)
    #expect(call.record.verdicts.allSatisfy { $0.decision == .drop })
    #expect(call.record.logs.map(\.code) == ["NOTHING_KEPT"])
  }

  @Test func `masks of different grids are an error that names the case`() throws {
    let other = try Packet.mask(case: "c0", [1, 0], [1, 1, 2])
    let failure = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("s3f.filter").process(all: [
        "a": masks("a", numbers: 0..<1), "b": [other],
      ])
    }
    #expect(failure?.code == "GRID_MISMATCH" && failure?.port == "b")
    #expect(failure?.message.contains("c0") == true)
  }
}
