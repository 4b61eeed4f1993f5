import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct EvaluateMasksTests {
  private let plugin: PluginUnderTest
  private let table: ReferenceTable
  init() throws {
    plugin = try PluginUnderTest("evaluate")
    table = try ReferenceTable("evaluate.txt")
  }

  private func masks(_ side: String, value: UInt8 = 1, shear: Double = 0) throws -> [Packet] {
    let shape = try table.numbers("shape").map { Int($0) }
    let spacing = try table.numbers("spacing")
    let affine = [
      spacing[0], shear, 0, -7, 0, spacing[1], 0, 3, 0, 0, spacing[2], 0, 0, 0, 0, 1,
    ]
    return try (0..<6).map { number in
      let voxels = try table.numbers("mask.\(number).\(side)").map { UInt8($0) * value }
      return try .mask(case: "c\(number)", voxels, shape, affine: affine)
    }
  }

  @Test func `scores are those of scipy, and of empty masks the conventions`() throws {
    let call = try plugin.stage("evaluate.masks", ["tolerance": 1]).process(all: [
      "prediction": masks("prediction"), "truth": masks("truth"),
    ])
    let sent = try SentTable(call, "table")
    #expect(try sent.strings("case") == (0..<6).map { "c\($0)" })
    #expect(
      try sent.strings("empty") == ["none", "both", "prediction", "truth", "none", "none"])
    #expect(try sent.numbers("failure") == [0, 0, 1, 1, 0, 0])
    let rows = try sent.rows(["dice", "hd95", "hd95_pooled", "nsd"])
    for (number, row) in rows.enumerated() {
      var expected = try table.numbers("mask.\(number).scores")
      // Both empty or one: the convention; else its reference is with PonsImaging, which computes it.
      if expected[3].isNaN { expected[3] = row[3] }
      // Distances come from single precision squares.
      #expect(agree(row, expected, within: 1e-5), "case \(number): \(row), expected \(expected)")
      #expect((0...1).contains(row[3]))
      let volumes = try table.numbers("mask.\(number).volumes")
      let difference = volumes[0] - volumes[1]
      let columns = [
        "prediction_volume", "truth_volume", "volume_difference", "absolute_volume_difference",
      ]
      #expect(
        agree(
          try sent.rows(columns)[number], volumes + [difference, abs(difference)], within: 1e-12))
    }
    #expect(try sent.metadata["nsd_tolerance_mm"] == .number(1))
  }

  @Test func `one label is judged alone`() throws {
    let stage = try plugin.stage("evaluate.masks", ["label": 3])
    let inputs = try [
      "prediction": masks("prediction", value: 3), "truth": masks("truth", value: 3),
    ]
    let three = try SentTable(stage.process(all: inputs), "table").numbers("dice")
    #expect(try three[0] == table.numbers("mask.0.scores")[0])
    let other = try stage.process(all: [
      "prediction": masks("prediction", value: 2), "truth": masks("truth", value: 3),
    ])
    #expect(try SentTable(other, "table").strings("empty")[0] == "prediction")
  }

  @Test func `a sheared grid is a warning, another grid an error that names the case`() throws {
    let stage = try plugin.stage("evaluate.masks")
    let call = try stage.process(all: [
      "prediction": masks("prediction", shear: 0.1), "truth": masks("truth", shear: 0.1),
    ])
    #expect(call.record.logs.map(\.code) == Array(repeating: "SHEARED_GRID", count: 6))
    let failure = #expect(throws: StageFailure.self) {
      _ = try stage.process(all: [
        "prediction": masks("prediction", shear: 0.1), "truth": masks("truth"),
      ])
    }
    #expect(failure?.code == "GRID_MISMATCH" && failure?.message.contains("c0") == true)
  }

  @Test func `truth is let in, and nothing else is`() throws {
    let descriptor = try plugin.stage("evaluate.masks").descriptor
    #expect(descriptor.inputs.filter(\.isGroundTruth).map(\.name) == ["truth"])
    #expect(!descriptor.isTerminal)
  }
}
