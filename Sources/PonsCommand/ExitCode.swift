/// What the process answers to its caller.
package enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
  /// Everything was done.
  case success = 0
  /// A stage or Pons itself failed.
  case failure = 1
  /// The command line or the manifest is wrong; nothing ran.
  case usage = 2
  /// The run is complete, and some cases are quarantined.
  case quarantined = 3
  /// There were no cases, or none reached a declared output.
  case nothingDone = 4
  /// A lock, an allow-list or a golden case does not agree.
  case refused = 5
  /// Somebody interrupted it.
  case interrupted = 130

  /// One line for help texts.
  package var summary: String {
    switch self {
    case .success: "Everything was done; filters may have removed cases"
    case .failure: "A stage stopped the run, or Pons itself failed"
    case .usage: "The command line or the manifest is wrong; nothing was run"
    case .quarantined: "The run is complete, but some cases failed and are quarantined"
    case .nothingDone: "There were no cases, or no case reached a declared output"
    case .refused: "Refused by a lock, an allow-list or golden cases, or the disk is too small"
    case .interrupted: "Interrupted; finished work is kept, and the same command resumes it"
    }
  }
}
