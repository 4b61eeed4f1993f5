package import PonsEngine
internal import PonsKit
internal import Synchronization

/// Writes plain lines, for logs and pipes: one for each settled case, warnings at once, and now and then how
/// far the stages are.
package final class PlainReporter: RunReporter {
  private struct State {
    var model = ProgressModel()
    var nextProgress: Double
  }

  private let output: any TextOutput
  private let lines: EventLines
  private let clock: @Sendable () -> Double
  private let interval: Double
  private let isQuiet: Bool
  private let state: Mutex<State>

  /// Writes lines to an output.
  ///
  /// - Parameters:
  ///   - isQuiet: only warnings are written.
  ///   - interval: seconds between two reports of how far the stages are.
  ///   - clock: seconds of a clock that never jumps.
  package init(
    output: any TextOutput, style: Style, isQuiet: Bool = false, interval: Double = 10,
    clock: @escaping @Sendable () -> Double = monotonicSeconds
  ) {
    self.output = output
    self.lines = EventLines(style: style)
    self.clock = clock
    self.isQuiet = isQuiet
    self.interval = interval
    state = Mutex(State(nextProgress: clock() + interval))
  }

  package func handle(_ event: RunEvent) {
    let time = clock()
    state.withLock { state in
      state.model.apply(event, at: time)
      switch event {
      case .log(let level, let stage, let caseKey, let code, let text):
        let line = lines.log(
          level: level, stage: stage, caseKey: caseKey, code: code, text: text)
        if let line { output.write(line + "\n") }
      case .settled(let summary) where !isQuiet && !summary.isUnfinished:
        output.write(lines.settled(summary) + "\n")
      case .enumerated(let stage, let cases) where !isQuiet:
        output.write("\(stage): found \(cases.counted("case"))\n")
      default: break
      }
      guard !isQuiet, time >= state.nextProgress else { return }
      state.nextProgress = time + interval
      let active = state.model.stages.filter { $0.isActive }
      output.write(active.map { Self.progress(of: $0, at: time) + "\n" }.joined())
    }
  }

  package func note(_ text: String) { output.write(text + "\n") }

  package func close() {}

  private static func progress(of stage: StageProgress, at time: Double) -> String {
    let total = stage.isTotalFinal ? "\(stage.total)" : "\(stage.total) or more"
    var parts = ["\(stage.done) of \(total)"]
    if let fraction = stage.fraction {
      parts.append("\(Int(fraction * 100)) % of the current call")
    }
    if !stage.note.isEmpty { parts.append(stage.note.printable) }
    if let rate = stage.rate(at: time) { parts.append(rate.rateText) }
    if let left = stage.secondsLeft(at: time) { parts.append("\(left.rounded(.up).duration) left") }
    return "\(stage.name): " + parts.joined(separator: ", ")
  }
}
