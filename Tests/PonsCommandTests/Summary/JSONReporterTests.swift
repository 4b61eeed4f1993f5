import PonsCommand
import PonsEngine
import PonsKit
import Testing

@Suite struct JSONReporterTests {
  private let events: [RunEvent] = [
    .started(name: "demo", stages: ["a", "b"]),
    .enumerated(stage: "a", cases: 2),
    .began(stage: "a", caseKey: "c1"),
    .progress(stage: "a", caseKey: nil, fraction: 0.5, note: ""),
    .ended(stage: "a", caseKey: "c1", outcome: .finished, seconds: 0.25),
    .ended(
      stage: "b", caseKey: "c1", outcome: .dropped(Verdict(.drop, score: 0.25, reason: "low")),
      seconds: 0.25),
    .ended(
      stage: "b", caseKey: "c2",
      outcome: .failed(StageFailure(.badInput, code: "BAD", "x", parameter: "p")), seconds: 0),
    .counts(stage: "a", done: 1, total: 2, isTotalFinal: false),
    .log(level: .warning, stage: nil, caseKey: nil, code: "DISK", text: "nearly\nfull"),
    .settled(CaseSummary(caseKey: "c1", status: .filtered, stage: "b")),
    .finished(
      RunSummary(
        name: "demo", ending: .completed, cases: [CaseSummary(caseKey: "c1", status: .filtered)],
        outputs: [], stages: [], seconds: 1.5, hasSources: true)),
  ]

  @Test func `every event is one line of canonical JSON that says which it is`() throws {
    let output = CapturedOutput()
    let reporter = JSONReporter(console: Console(out: output, error: CapturedOutput()))
    for event in events { reporter.handle(event) }
    let lines = output.text.split(separator: "\n").map(String.init)
    #expect(lines.count == events.count)
    for line in lines {
      let value = try JSON(parsing: line)
      #expect(value["event"]?.string != nil)
      #expect(value.canonical == line)
    }
    #expect(lines[0] == #"{"event":"started","name":"demo","stages":["a","b"]}"#)
    #expect(lines[3] == #"{"event":"progress","fraction":0.5,"stage":"a"}"#)
    #expect(
      lines[5]
        == #"{"case":"c1","decision":"drop","event":"ended","outcome":"dropped","reason":"low","score":0.25,"seconds":0.25,"stage":"b"}"#
    )
    #expect(lines[10].contains(#""filtered":1"#))
  }
}
