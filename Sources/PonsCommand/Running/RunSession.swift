internal import Glibc
internal import PonsEngine

/// One run of the command `run`: shows it while it runs, stops it when asked to, and sums it up.
struct RunSession {
  private let context: CommandContext
  private let isJSON: Bool
  private let reporter: any RunReporter
  private let isLive: Bool

  init(_ invocation: Invocation, _ context: CommandContext) {
    self.context = context
    let console = context.console
    isJSON = invocation.has("json")
    let canDraw = console.error.isTerminal && context.environment["TERM"] != "dumb"
    // Events and drawing would get in each other's way on the same terminal.
    isLive = canDraw && !invocation.has("quiet") && !(isJSON && console.out.isTerminal)
    var reporters = [any RunReporter]()
    if isJSON { reporters.append(JSONReporter(console: console)) }
    if isLive {
      reporters.append(LiveReporter(output: console.error, style: console.errorStyle))
    } else if !isJSON {
      reporters.append(
        PlainReporter(
          output: console.error, style: console.errorStyle, isQuiet: invocation.has("quiet")))
    }
    reporter = reporters.count == 1 ? reporters[0] : CombinedReporter(reporters)
  }

  /// Runs, and writes the summary as the result.
  func run(_ configuration: RunConfiguration) throws -> ExitCode {
    let summary = try summary(configuration)
    let console = context.console
    let style = isJSON ? console.errorStyle : console.outStyle
    let text = SummaryText(style: style, width: console.width)
      .render(summary, output: configuration.output)
    (isJSON ? console.error : console.out).write((isLive ? "\n" : "") + text)
    return ExitCode(rawValue: summary.exitCode) ?? .failure
  }

  /// Runs, and shows progress only.
  func summary(_ configuration: RunConfiguration) throws -> RunSummary {
    let reporter = reporter
    // A reader of events or messages that goes away is no reason to lose a run.
    signal(SIGPIPE, SIG_IGN)
    let run = try context.services.makeRun(configuration) { reporter.handle($0) }
    context.services.interruption(
      {
        run.cancel()
        reporter.note(
          "Stopping; what is finished is kept. Press Ctrl-C again to leave at once.")
      },
      { reporter.close() })
    reporter.start()
    let summary: RunSummary
    do {
      summary = try run.start()
    } catch {
      reporter.close()
      throw error
    }
    reporter.close()
    return summary
  }
}
