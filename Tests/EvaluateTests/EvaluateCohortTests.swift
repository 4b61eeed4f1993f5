import Evaluate
import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import TestFolders
import Testing

@Suite struct EvaluateCohortTests {
  private let plugin: PluginUnderTest
  private let reference: ReferenceTable
  init() throws {
    plugin = try PluginUnderTest("evaluate")
    reference = try ReferenceTable("evaluate.txt")
  }

  /// Sums in another order than numpy's: rounding only.
  private static let tolerance = 1e-12

  private struct Cohort {
    var patients: [[Double]] = []
    var values: [Double]
    var resamples: Int
    var confidence: Double
    var seed: UInt64
    var estimates: [Double]
  }

  private func cohort(_ number: Int) throws -> Cohort {
    let name = "cohort.\(number)"
    let settings = try reference.numbers("\(name).settings")
    var cohort = Cohort(
      values: try reference.numbers("\(name).values"), resamples: Int(settings[0]),
      confidence: settings[1], seed: try #require(UInt64(try reference.text("\(name).seed"))),
      estimates: try reference.numbers("\(name).estimates"))
    var place = 0
    for size in try reference.numbers("\(name).sizes").map({ Int($0) }) {
      cohort.patients.append(Array(cohort.values[place..<place + size]))
      place += size
    }
    return cohort
  }

  @Test(arguments: 0..<4) func `intervals are those of numpy with the same draws`(number: Int)
    throws
  {
    let cohort = try cohort(number)
    let (mean, median) = try Bootstrap(
      resamples: cohort.resamples, confidence: cohort.confidence, seed: cohort.seed
    ).estimate(cohort.patients)
    let found = [mean, median].flatMap { [$0.value, $0.low, $0.high] }
    #expect(agree(found, cohort.estimates, within: Self.tolerance), "\(found)")
  }

  private static let names = [
    "mean", "mean_low", "mean_high", "median", "median_low", "median_high",
  ]

  @Test func `the table has a row a measure, and patients are drawn with all their cases`() throws {
    let cohort = try cohort(1)
    let folder = try TemporaryFolder()
    var lines = "case,patient\n"
    var keys: [String] = []
    for (patient, values) in cohort.patients.enumerated() {
      for _ in values {
        lines += "k\(keys.count),p\(patient)\n"
        keys.append("k\(keys.count)")
      }
    }
    try Files.write(Array(lines.utf8), folder.path + "patients.csv")
    let table = try Packet.table([
      .init("case", .strings(keys)), .init("dice", .numbers(cohort.values)),
      .init("failure", .integers(keys.indices.map { $0 < 2 ? 1 : 0 })),
      .init("empty", .strings(keys.indices.map { $0 == 3 ? "both" : "none" })),
    ])
    let stage = try plugin.stage(
      "evaluate.cohort",
      [
        "patients": .string(folder.path + "patients.csv"), "names": ["a": "SAM"],
        "resamples": .integer(Int64(cohort.resamples)), "confidence": .number(cohort.confidence),
      ])
    let call = try stage.process(all: ["a": [table]], seed: cohort.seed)
    let sent = try SentTable(call, "summary")
    #expect(try sent.strings("method") == ["SAM"] && sent.strings("measure") == ["dice"])
    #expect(
      try sent.rows(["cases", "patients", "failures", "both_empty"])
        == [[Double(keys.count), Double(cohort.patients.count), 2, 1]])
    #expect(agree(try sent.rows(Self.names)[0], cohort.estimates, within: Self.tolerance))
    #expect(try sent.metadata["drawn"] == "patients")
    #expect(try SentTable(call, "differences").strings("method").isEmpty)
  }

  @Test func `differences are those of the cases that both have`() throws {
    let cohort = try cohort(0)
    let keys = cohort.values.indices.map { "k\($0)" }
    // Another order, one case more, one without a value.
    let own = try Packet.table([
      .init("case", .strings(keys + ["extra", "nothing"])),
      .init("dice", .numbers(cohort.values.map { $0 + 2 } + [9, .nan])),
      .init("hd95", .numbers(cohort.values + [9, 9])),
    ])
    let other = try Packet.table([
      .init("case", .strings(keys.reversed() + ["nothing"])),
      .init("dice", .numbers(cohort.values.map { _ in 2 } + [1])),
    ])
    let stage = try plugin.stage(
      "evaluate.cohort", ["names": ["a": "base", "c": "new"], "resamples": 2000])
    let call = try stage.process(all: ["a": [other], "c": [own]], seed: cohort.seed)
    let sent = try SentTable(call, "differences")
    #expect(try sent.strings("method") == ["new"] && sent.strings("reference") == ["base"])
    #expect(try sent.strings("measure") == ["dice"] && sent.numbers("cases") == [8])
    #expect(agree(try sent.rows(Self.names)[0], cohort.estimates, within: Self.tolerance))
    #expect(try sent.rows(["greater", "less"]) == [[8, 0]])
    let summary = try SentTable(call, "summary")
    #expect(try summary.strings("method") == ["base", "new", "new"])
    #expect(try summary.numbers("cases") == [9, 9, 10])
  }

  @Test func `settings and tables that do not fit`() throws {
    let table = try Packet.table([.init("case", .strings(["k"])), .init("dice", .numbers([1]))])
    func failure(_ parameters: [String: JSON], _ inputs: [String: [Packet]]) -> StageFailure? {
      #expect(throws: StageFailure.self) {
        _ = try plugin.stage("evaluate.cohort", parameters).process(all: inputs)
      }
    }
    #expect(failure(["names": ["x": "y"]], ["a": [table]])?.parameter == "names")
    #expect(failure(["names": ["a": "y", "b": "y"]], ["a": [table]])?.parameter == "names")
    #expect(failure(["names": ["b": "y"]], ["a": [table]])?.port == "b")
    #expect(failure(["reference": "b"], ["a": [table]])?.parameter == "reference")
    let measure = failure(["measures": ["jaccard"]], ["a": [table]])
    #expect(measure?.parameter == "measures" && measure?.hint == "it has: dice")
    let twice = try Packet.table([.init("case", .strings(["k", "k"]))])
    #expect(failure([:], ["a": [twice]])?.code == "BAD_TABLE")
    let nothing = try Packet.table([.init("dice", .numbers([1]))])
    #expect(failure([:], ["a": [nothing]])?.code == "BAD_TABLE")
  }
}
