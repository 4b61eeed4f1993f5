internal import Glibc
package import PonsEngine
internal import PonsKit
internal import Synchronization

/// Shows a run on a terminal: a line for each stage, redrawn in place at most ten times a second, with warnings
/// and failed cases above them.
package final class LiveReporter: RunReporter {
  private struct State {
    var model = ProgressModel()
    var block = LiveBlock()
    var isClosed = false
  }

  private let output: any TextOutput
  private let drawing: ProgressLines
  private let lines: EventLines
  private let clock: @Sendable () -> Double
  private let state = Mutex(State())

  /// Shows a run on a terminal.
  ///
  /// - Parameter clock: seconds of a clock that never jumps.
  package init(
    output: any TextOutput, style: Style,
    clock: @escaping @Sendable () -> Double = monotonicSeconds
  ) {
    self.output = output
    self.drawing = ProgressLines(style: style)
    self.lines = EventLines(style: style)
    self.clock = clock
  }

  /// Starts a thread that redraws until ``close()``.
  package func start() {
    BackgroundThread.start { [self] in
      while true {
        usleep(100_000)
        let goesOn = state.withLock { state in
          if !state.isClosed { draw(&state) }
          return !state.isClosed
        }
        guard goesOn else { return }
      }
    }
  }

  package func handle(_ event: RunEvent) {
    let time = clock()
    state.withLock { state in
      guard !state.isClosed else { return }
      state.model.apply(event, at: time)
      switch event {
      case .log(let level, let stage, let caseKey, let code, let text):
        let line = lines.log(
          level: level, stage: stage, caseKey: caseKey, code: code, text: text)
        if let line { draw(&state, above: [line]) }
      case .settled(let summary) where summary.status == .quarantined && !summary.isUnfinished:
        // The others are in the summary; a failure is shown while there is time to look into it.
        draw(&state, above: [lines.settled(summary)])
      default: break
      }
    }
  }

  package func note(_ text: String) {
    state.withLock { state in
      if !state.isClosed { draw(&state, above: [text]) }
    }
  }

  package func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      draw(&state)
      state.isClosed = true
    }
  }

  /// Draws the present state; for tests, and for the thread.
  package func draw() { state.withLock { draw(&$0) } }

  private func draw(_ state: inout State, above: [String] = []) {
    let size = output.size ?? (columns: 80, rows: 24)
    let block = drawing.render(
      state.model, at: clock(), columns: size.columns, rows: size.rows)
    let text = state.block.update(above: above, block: block, columns: size.columns)
    if !text.isEmpty { output.write(text) }
  }
}
