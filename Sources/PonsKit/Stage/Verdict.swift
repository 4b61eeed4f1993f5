/// What a filter or selection decides about a case.
public struct Verdict: Sendable, Hashable {
  /// The decision; raw values are those of pons.h.
  public enum Decision: UInt32, Sendable, Hashable {
    case keep = 0
    case drop = 1
    case notSelected = 2
  }

  /// The case, or nil for the case of the call.
  public var caseKey: String?
  /// What happens to it.
  public var decision: Decision
  /// The value that decided.
  public var score: Double?
  /// 1 is the best.
  public var rank: Int?
  /// Which rule, which value.
  public var reason: String

  /// A decision about a case.
  public init(
    caseKey: String? = nil, _ decision: Decision, score: Double? = nil, rank: Int? = nil,
    reason: String = ""
  ) {
    self.caseKey = caseKey
    self.decision = decision
    self.score = score
    self.rank = rank
    self.reason = reason
  }
}
