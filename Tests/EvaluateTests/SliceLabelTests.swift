import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct SliceLabelTests {
  private let plugin: PluginUnderTest
  private let table: ReferenceTable
  init() throws {
    plugin = try PluginUnderTest("evaluate")
    table = try ReferenceTable("evaluate.txt")
  }

  private func labels(_ values: [Int8], case key: String, classes: JSON = ["normal", "tumour"])
    throws -> Packet
  {
    try .of(
      "slice-labels", case: key,
      [
        (
          TensorRequest("probability", .float32, [values.count, 2]),
          [UInt8](repeating: 0, count: values.count * 8)
        ),
        (TensorRequest("label", .int8, [values.count]), values.map(UInt8.init(bitPattern:))),
      ], metadata: ["classes": classes])
  }

  private func inputs(classes: JSON = ["normal", "tumour"]) throws -> [String: [Packet]] {
    let shape = try table.numbers("slices.shape").map { Int($0) }
    return [
      "labels": try (0..<4).map {
        try labels(
          table.numbers("slices.\($0).labels").map { Int8($0) }, case: "c\($0)", classes: classes)
      },
      "truth": try (0..<4).map {
        try .mask(case: "c\($0)", table.numbers("slices.\($0).truth").map { UInt8($0) }, shape)
      },
    ]
  }

  private static let counts = [
    "slices", "labelled", "true_positives", "false_positives", "true_negatives", "false_negatives",
    "unlabelled_positives",
  ]
  private static let rates = ["coverage", "accuracy", "precision", "recall", "recall_of_all"]

  @Test func `counts and rates are those of numpy, NaN where there is nothing`() throws {
    let stage = try plugin.stage("evaluate.slice-labels", ["minimum_voxels": 2])
    let call = try stage.process(all: inputs())
    let cases = try SentTable(call, "table")
    var sums = [Double](repeating: 0, count: 7)
    for number in 0..<4 {
      let counts = try cases.rows(Self.counts)[number]
      #expect(try counts == table.numbers("slices.\(number).counts"))
      #expect(
        agree(
          try cases.rows(Self.rates)[number], try table.numbers("slices.\(number).rates"),
          within: 1e-15))
      sums = zip(sums, counts).map(+)
    }
    let total = try SentTable(call, "total")
    #expect(try total.rows(Self.counts) == [sums] && total.numbers("cases") == [4])
    #expect(try total.numbers("accuracy") == [(sums[2] + sums[4]) / sums[1]])
    #expect(try total.numbers("recall_of_all") == [sums[2] / (sums[2] + sums[5] + sums[6])])
  }

  @Test func `the positive class is named, or the last`() throws {
    let stage = try plugin.stage(
      "evaluate.slice-labels", ["positive": "tumour", "minimum_voxels": 2])
    let turned = try SentTable(stage.process(all: inputs(classes: ["tumour", "normal"])), "total")
    let straight = try SentTable(
      plugin.stage("evaluate.slice-labels", ["minimum_voxels": 2]).process(all: inputs()), "total")
    let names = ["true_positives", "false_negatives"]
    #expect(try turned.rows(names) == straight.rows(names.reversed()))
    let unknown = #expect(throws: StageFailure.self) {
      _ = try stage.process(all: inputs(classes: ["a", "b"]))
    }
    #expect(unknown?.code == "UNKNOWN_CLASS" && unknown?.hint.contains("a, b") == true)
  }

  @Test(arguments: [
    ([0, 1], "classes for 2 slices, and the volume has 3"), ([0, 1, 2], "the class 2 of 2"),
  ])
  func `labels that do not fit are an error that names the case`(values: [Int8], message: String)
    throws
  {
    let failure = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("evaluate.slice-labels").process(all: [
        "labels": [labels(values, case: "c7")],
        "truth": [.mask(case: "c7", [0, 0, 0], [3, 1, 1])],
      ])
    }
    #expect(failure?.code == "BAD_LABELS" && failure?.port == "labels")
    #expect(failure?.message.contains(message) == true && failure?.message.contains("c7") == true)
  }
}
