import PonsCommand
import PonsEngine
import PonsKit
import Testing

@Suite struct PlainReporterTests {
  private let clock = TestClock()

  @Test func `pipes get one line a settled case, warnings, and now and then the progress`() {
    let output = CapturedOutput()
    let reporter = PlainReporter(output: output, style: .plain, clock: { [clock] in clock.now })
    reporter.handle(.started(name: "demo", stages: ["read"]))
    reporter.handle(.enumerated(stage: "read", cases: 200))
    for done in 1...100 {
      clock.advance(0.21)
      reporter.handle(.began(stage: "read", caseKey: "c\(done)"))
      reporter.handle(.ended(stage: "read", caseKey: "c\(done)", outcome: .finished, seconds: 0.2))
      reporter.handle(.counts(stage: "read", done: done, total: 200, isTotalFinal: true))
    }
    reporter.handle(.log(level: .info, stage: "read", caseKey: nil, code: "", text: "not shown"))
    reporter.handle(
      .log(level: .warning, stage: nil, caseKey: nil, code: "DISK", text: "nearly full"))
    reporter.handle(.settled(CaseSummary(caseKey: "c1", status: .done)))
    reporter.handle(
      .settled(
        CaseSummary(caseKey: "c2", status: .filtered, reason: "score 0.2 < 0.5", stage: "keep")))
    reporter.close()
    let lines = output.text.split(separator: "\n").map(String.init)
    #expect(lines.first == "read: found 200 cases")
    #expect(lines.count { $0.hasPrefix("read: ") && $0.contains(" of 200") } == 2)
    #expect(
      lines.suffix(3) == [
        "warning: nearly full [DISK]", "done c1", "filtered c2 at keep: score 0.2 < 0.5",
      ])
    #expect(lines.count == 6)
  }
}
