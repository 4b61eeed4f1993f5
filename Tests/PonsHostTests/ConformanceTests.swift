import PonsHost
import PonsKit
import Testing

struct ConformanceTests {
  private func report(_ file: String, only: Set<String>? = nil) -> ConformanceReport {
    var suite = ConformanceSuite(file: file, worker: HostilePlugin.worker)
    suite.only = only
    return suite.run()
  }

  @Test func `the stages of the fixture plugin keep the rules`() throws {
    let report = report(HostilePlugin.fixture)
    let isPassed = report.isPassed
    #expect(isPassed, "\(report.text)")
    #expect(report.count(.passed) >= 35, "\(report.text)")
    #expect(try JSON(parsing: report.json.canonical) == report.json)
    #expect(report.json["passed"] == true)
  }

  @Test func `an honest C plugin keeps the rules`() throws {
    try HostilePlugin.with("HONEST") { file in
      let report = report(file)
      #expect(report.lines.filter { $0.outcome == .failed }.map(\.check) == ["schema round trip"])
      #expect(report.text.contains("'x' has no description"))
    }
  }

  @Test(arguments: [
    ("WRITES_INPUT", "inputs unmodified", "it wrote to an input"),
    ("LEAKS", "no leak over 1000 calls", "grew by"),
    ("IGNORES_CANCEL", "cancels", "after it was told"),
    ("RANDOM_OUTPUT", "deterministic", "different packets"),
    ("CRASHES_ON_NAN", "survives garbage inputs", "signal 6"),
    ("CREATE_CRASHES", "creates with defaults", "signal 6"),
    ("UNDESCRIBED", "keeps its ports' promises", "UNDESCRIBED"),
    ("FORGETS_SEAL", "keeps its ports' promises", "got 0 packets"),
    ("INIT_FAILS", "creates with defaults", "no licence"),
    ("CRASH", "descriptor valid", "signal 11"),
  ])
  func `a broken rule is named`(mode: String, check: String, reason: String) throws {
    try HostilePlugin.with(mode) { file in
      let report = report(file, only: [check])
      #expect(!report.isPassed, "\(report.text)")
      let line = try #require(report.lines.first { $0.check == check }, "\(report.text)")
      #expect(line.outcome == .failed, "\(report.text)")
      #expect(line.reason.contains(reason), "\(report.text)")
    }
  }
}
