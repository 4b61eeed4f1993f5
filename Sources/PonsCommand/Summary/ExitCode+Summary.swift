package import PonsEngine
internal import PonsKit

extension ExitCode {
  /// What the process answers after a run.
  package init(_ summary: RunSummary) {
    switch summary.ending {
    case .cancelled: self = .interrupted
    case .stopped(_, let failure):
      self =
        switch failure.category {
        case .badParameter: .usage
        case .cancelled: .interrupted
        case .badInput where summary.cases.isEmpty: .nothingDone
        case .badInput, .resource, .internal: .failure
        }
    case .completed:
      let reached = !summary.outputs.isEmpty || summary.cases.contains { $0.status == .done }
      if !reached {
        self = .nothingDone
      } else {
        let isComplete = summary.cases.allSatisfy { $0.status != .quarantined }
        self = isComplete ? .success : .quarantined
      }
    }
  }
}
