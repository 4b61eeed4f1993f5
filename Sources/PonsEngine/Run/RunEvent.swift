public import PonsKit

/// What happens during a run, in order. Events come from threads of the engine, one at a time.
public enum RunEvent: Sendable {
  /// The run begins; stages in topological order.
  case started(name: String, stages: [String])
  /// A source has announced its cases.
  case enumerated(stage: String, cases: Int)
  /// A call began.
  case began(stage: String, caseKey: String?)
  /// A call is under way.
  case progress(stage: String, caseKey: String?, fraction: Double, note: String)
  /// A call ended, or an earlier result of it was found in the store.
  case ended(stage: String, caseKey: String?, outcome: CallOutcome, seconds: Double)
  /// Counts of a stage changed: how many cases it will see at least, and how many are behind it.
  case counts(stage: String, done: Int, total: Int, isTotalFinal: Bool)
  /// A log record of a stage or of the engine (stage nil).
  case log(level: LogLevel, stage: String?, caseKey: String?, code: String, text: String)
  /// The fate of a case is settled.
  case settled(CaseSummary)
  /// The run is over.
  case finished(RunSummary)
}

/// How a call ended.
public enum CallOutcome: Sendable {
  /// It ran and sent its outputs.
  case finished
  /// Nothing ran: the store had the result.
  case reused
  /// A filter removed the case.
  case dropped(Verdict)
  /// It failed; the case is quarantined or the run stops.
  case failed(StageFailure)
}
