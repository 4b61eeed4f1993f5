internal import PonsKit

/// Why a case has no packet on an edge.
struct Tombstone: Sendable {
  enum Cause: Sendable {
    /// A filter or selection removed it.
    case dropped(Verdict)
    /// A call failed.
    case quarantined(StageFailure)
    /// An optional output was not sent.
    case notSent(output: String)
  }

  let cause: Cause
  /// The stage where it happened.
  let stage: Int

  /// The one that explains more: a failure before a drop, then the earlier stage.
  static func stronger(_ left: Tombstone, _ right: Tombstone) -> Tombstone {
    if left.weight != right.weight { return left.weight > right.weight ? left : right }
    return left.stage <= right.stage ? left : right
  }

  private var weight: Int {
    switch cause {
    case .quarantined: 2
    case .dropped: 1
    case .notSent: 0
    }
  }
}

extension Tombstone {
  /// As a stage is told about it.
  ///
  /// - Parameter stage: the name of the stage where it happened.
  func absence(of caseKey: String, stage: String) -> Absence {
    switch cause {
    case .dropped(let verdict):
      let isSelection = verdict.decision == .notSelected
      return Absence(
        caseKey: caseKey, isSelection ? .notSelected : .filtered, stage: stage,
        code: isSelection ? "NOT_SELECTED" : "FILTERED", reason: verdict.reason,
        score: verdict.score, rank: verdict.rank)
    case .quarantined(let failure):
      return Absence(
        caseKey: caseKey, .quarantined, stage: stage, code: failure.code, reason: failure.message)
    case .notSent(let output):
      return Absence(
        caseKey: caseKey, .notSent, stage: stage, code: "NOT_SENT",
        reason: "the stage sent nothing to its optional output '\(output)'")
    }
  }
}

/// What arrives at a port for a case: exactly one packet or one tombstone.
enum Arrival: Sendable {
  case packet(PacketSlot)
  case tombstone(Tombstone)

  var slot: PacketSlot? {
    if case .packet(let slot) = self { return slot }
    return nil
  }

  var tombstone: Tombstone? {
    if case .tombstone(let tombstone) = self { return tombstone }
    return nil
  }
}
