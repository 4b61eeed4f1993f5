internal import PonsEngine

extension CaseSummary {
  /// Whether nothing is wrong with the case, but the run ended before it was done.
  var isUnfinished: Bool {
    status == .quarantined && (code == "CANCELLED" || code == "RUN_STOPPED")
  }
}
