import PonsCommand
import PonsEngine
import PonsKit
import Synchronization
import Testing

/// A clock that tests set.
final class TestClock: Sendable {
  private let seconds = Mutex(100.0)
  var now: Double { seconds.withLock { $0 } }
  func advance(_ by: Double) { seconds.withLock { $0 += by } }
}

@Suite struct LiveReporterTests {
  private let clock = TestClock()

  private func reporter(
    _ terminal: VirtualTerminal, isColored: Bool = false, isUnicode: Bool = true
  ) -> LiveReporter {
    LiveReporter(
      output: terminal, style: Style(isColored: isColored, isUnicode: isUnicode),
      clock: { [clock] in clock.now })
  }

  /// Two stages, three cases, one of which fails, one of which is filtered.
  private func play(_ reporter: LiveReporter) {
    reporter.handle(.started(name: "demo", stages: ["read", "filter"]))
    reporter.draw()
    reporter.handle(.enumerated(stage: "read", cases: 3))
    reporter.handle(.counts(stage: "read", done: 0, total: 3, isTotalFinal: true))
    for (index, key) in ["a", "b", "c"].enumerated() {
      reporter.handle(.began(stage: "read", caseKey: key))
      reporter.draw()
      clock.advance(1)
      reporter.handle(
        .ended(
          stage: "read", caseKey: key,
          outcome: key == "b"
            ? .failed(StageFailure(.badInput, code: "TRUNCATED", "the file ends early"))
            : .finished, seconds: 1))
      reporter.handle(
        .counts(stage: "read", done: index + 1, total: 3, isTotalFinal: true))
      if key == "b" {
        reporter.handle(
          .settled(
            CaseSummary(
              caseKey: "b", status: .quarantined, code: "TRUNCATED",
              reason: "the file ends early", stage: "read")))
      }
      reporter.draw()
    }
    reporter.handle(
      .log(level: .warning, stage: "filter", caseKey: "a", code: "ODD", text: "a\u{1B}[2Jb\nc"))
    for (index, key) in ["a", "c"].enumerated() {
      reporter.handle(.began(stage: "filter", caseKey: key))
      clock.advance(0.5)
      reporter.handle(
        .ended(
          stage: "filter", caseKey: key, outcome: key == "a" ? .finished : .dropped(Verdict(.drop)),
          seconds: 0.5))
      reporter.handle(
        .counts(stage: "filter", done: index + 1, total: 2, isTotalFinal: true))
      reporter.draw()
    }
    reporter.close()
  }

  @Test func `what stays on the terminal is the messages and one line for each stage`() {
    let terminal = VirtualTerminal(columns: 100, rows: 30)
    play(reporter(terminal))
    #expect(
      terminal.lines == [
        "quarantined b at read: TRUNCATED, the file ends early",
        "warning: filter, case a: a [2Jb c [ODD]",
        "✗ read    3/3        1.0/s  in 3 s  1 failed",
        "✓ filter  2/2        2.0/s  in 1 s  1 dropped",
      ])
    #expect(terminal.unknown.isEmpty)
    #expect(terminal.colors.isEmpty)
  }

  @Test func `colours change nothing but colours`() {
    let plain = VirtualTerminal(columns: 70, rows: 30)
    let colored = VirtualTerminal(columns: 70, rows: 30)
    play(reporter(plain))
    play(reporter(colored, isColored: true))
    #expect(plain.lines == colored.lines)
    #expect(!colored.colors.isEmpty)
  }

  @Test(arguments: 1...60)
  func `no width leaves anything behind`(columns: Int) {
    let terminal = VirtualTerminal(columns: columns, rows: 60)
    play(reporter(terminal, isColored: columns.isMultiple(of: 2)))
    // The messages may wrap; the block may not: it is the last two lines.
    let block = terminal.lines.suffix(2)
    #expect(block.first?.first == "✗")
    #expect(block.last?.first == "✓")
    #expect(terminal.lines.count { $0.hasPrefix("✓") || $0.hasPrefix("✗") } <= 2)
    #expect(terminal.lines.count { $0.hasPrefix("●") } == 0)
    #expect(terminal.unknown.isEmpty)
  }

  @Test func `without UTF-8 the terminal gets ASCII`() {
    let terminal = VirtualTerminal(columns: 80, rows: 30)
    let reporter = reporter(terminal, isUnicode: false)
    reporter.handle(.started(name: "demo", stages: ["a-stage-with-a-very-long-name-indeed", "b"]))
    reporter.handle(.counts(stage: "b", done: 1, total: 3, isTotalFinal: false))
    reporter.draw()
    #expect(terminal.lines.count == 2)
    #expect(terminal.lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
    #expect(terminal.lines.last?.contains("1/3+") == true)
  }

  @Test func `more stages than rows: the busy ones are shown, and nothing scrolls`() {
    let terminal = VirtualTerminal(columns: 60, rows: 6)
    let reporter = reporter(terminal)
    reporter.handle(.started(name: "demo", stages: (1...20).map { "stage\($0)" }))
    for round in 1...30 {
      reporter.handle(.counts(stage: "stage7", done: round, total: 40, isTotalFinal: true))
      clock.advance(0.5)
      reporter.draw()
    }
    #expect(terminal.lines.count == 2)
    #expect(terminal.lines.first?.contains("stage7") == true)
    #expect(terminal.lines.last == "  and 19 more stages, 0 finished")
  }

  @Test func `time left follows the present rate, not what came from the store`() {
    var model = ProgressModel()
    model.apply(.started(name: "demo", stages: ["a"]), at: 0)
    model.apply(.counts(stage: "a", done: 900, total: 1000, isTotalFinal: true), at: 0.1)
    for step in 1...40 {
      model.apply(
        .counts(stage: "a", done: 900 + step, total: 1000, isTotalFinal: true),
        at: 0.1 + Double(step))
    }
    let stage = model.stages[0]
    let rate = stage.rate(at: 40.1) ?? 0
    #expect(abs(rate - 1) < 0.06)
    #expect(abs((stage.secondsLeft(at: 40.1) ?? 0) - 60) < 4)
  }

  @Test func `nobody promises an end before the number of cases is known`() {
    var model = ProgressModel()
    model.apply(.counts(stage: "a", done: 1, total: 5, isTotalFinal: false), at: 0)
    model.apply(.counts(stage: "a", done: 4, total: 5, isTotalFinal: false), at: 3)
    #expect(model.stages[0].secondsLeft(at: 4) == nil)
    #expect(model.stages[0].rate(at: 4) != nil)
  }

  @Test func `a single long call shows its own fraction, note and time left`() {
    var model = ProgressModel()
    model.apply(.counts(stage: "train", done: 0, total: 1, isTotalFinal: true), at: 0)
    model.apply(.began(stage: "train", caseKey: nil), at: 0)
    model.apply(
      .progress(stage: "train", caseKey: nil, fraction: 0.25, note: "epoch 5 of 20"), at: 10)
    let line = ProgressLines(style: .plain).render(model, at: 10, columns: 100, rows: 20)
    #expect(line == ["● train  ━━━━━───────────────  0/1        30 s left  epoch 5 of 20"])
    #expect(model.stages[0].overall() == 0.25)
  }
}
