import PonsHost
import PonsKit
import Testing

struct ConformanceTests {
  private static let fixture = report(HostilePlugin.fixture)

  private static func report(_ file: String, only: Set<String>? = nil) -> ConformanceReport {
    var suite = ConformanceSuite(
      file: file, worker: HostilePlugin.worker, secondsPerCheck: 10)
    suite.only = only
    return suite.run()
  }

  @Test func `the stages of the fixture plugin keep the rules`() throws {
    let report = Self.fixture
    let isPassed = report.isPassed
    #expect(isPassed, "\(report.text)")
    #expect(report.count(.passed) >= 35, "\(report.text)")
    #expect(try JSON(parsing: report.json.canonical) == report.json)
    #expect(report.json["passed"] == true)
  }

  @Test func `a stage that refuses the samples is checked as far as that goes`() throws {
    let lines = Self.fixture.lines.filter { $0.stage == "fixture.picky" }
    let reason = "the model is a 'sample', expected 'picky'"
    for line in lines {
      switch line.check {
      case "keeps its ports' promises", "deterministic", "cancels":
        #expect(line.outcome == .skipped && line.reason.contains(reason), "\(line)")
      case "inputs unmodified", "no leak over 1000 calls":
        #expect(line.outcome == .passed && line.reason.contains(reason), "\(line)")
      default:
        #expect(line.outcome == .passed && line.reason.isEmpty, "\(line)")
      }
    }
    #expect(lines.count == 11)
  }

  @Test func `long calls are made shorter, but for the check that they can be cancelled`() throws {
    let lines = Self.fixture.lines
    let steps = lines.filter { $0.stage == "fixture.steps" }
    #expect(steps.allSatisfy { $0.outcome == .passed }, "\(steps)")
    let promises = try #require(steps.first { $0.check == "keeps its ports' promises" })
    #expect(
      promises.reason
        == "with steps = 2, because a call with the defaults goes on for more than 0.5 s")

    let endless = lines.filter { $0.stage == "fixture.endless" }
    for line in endless {
      switch line.check {
      case "keeps its ports' promises", "inputs unmodified", "deterministic",
        "survives garbage inputs", "no leak over 1000 calls", "destroy after failure":
        #expect(line.outcome == .skipped, "\(line)")
        #expect(line.reason.contains("longer than a check may take; told to end, it did"))
      default: #expect(line.outcome == .passed, "\(line)")
      }
    }
    #expect(endless.count == 11)
  }

  @Test func `an honest C plugin keeps the rules`() throws {
    try HostilePlugin.with("HONEST") { file in
      let report = Self.report(file)
      #expect(report.lines.filter { $0.outcome == .failed }.map(\.check) == ["schema round trip"])
      #expect(report.text.contains("'x' has no description"))
    }
  }

  @Test func `checks run in a process that is set up as the host's`() throws {
    try HostilePlugin.with("WANTS_REST") { file in
      let report = Self.report(file, only: ["creates with defaults"])
      let line = try #require(report.lines.last, "\(report.text)")
      #expect(line.check == "creates with defaults" && line.outcome == .passed, "\(line)")
    }
  }

  @Test func `a stage that hangs is ended`() throws {
    try HostilePlugin.with("HANGS") { file in
      var suite = ConformanceSuite(file: file, worker: HostilePlugin.worker, secondsPerCheck: 1)
      suite.only = ["keeps its ports' promises", "inputs unmodified"]
      let lines = suite.run().lines.suffix(2)
      #expect(lines.map(\.outcome) == [.failed, .skipped])
      #expect(
        lines.map(\.reason)
          == ["it did not return within 1.0 s, and did not end when it was told to", "it hangs"])
    }
  }

  @Test(arguments: [
    ("WRITES_INPUT", "inputs unmodified", "it wrote to an input"),
    ("LEAKS", "no leak over 1000 calls", "grew by"),
    ("IGNORES_CANCEL", "cancels", "after it was told"),
    ("NEVER_ASKS", "cancels", "never asked whether to end"),
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
      let report = Self.report(file, only: [check])
      #expect(!report.isPassed, "\(report.text)")
      let line = try #require(report.lines.first { $0.check == check }, "\(report.text)")
      #expect(line.outcome == .failed, "\(report.text)")
      #expect(line.reason.contains(reason), "\(report.text)")
    }
  }
}
