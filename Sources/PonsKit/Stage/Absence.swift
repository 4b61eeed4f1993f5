/// A case that has no packet at an ALL port, and why: see ``AllInputs/absent``.
public struct Absence: Sendable, Hashable {
  /// What became of the case; raw values are those of pons.h.
  public enum Fate: UInt32, Sendable, Hashable, CaseIterable {
    /// A filter removed it.
    case filtered = 1
    /// A selection rule did not choose it.
    case notSelected = 2
    /// A stage failed with it.
    case quarantined = 3
    /// A stage sent nothing to its optional output.
    case notSent = 4
  }

  /// The case.
  public var caseKey: String
  /// What became of it.
  public var fate: Fate
  /// Where: the stage's name in the manifest.
  public var stage: String
  /// A stable reason for machines: `NO_BRAIN_MASK`, `FILTERED`.
  public var code: String
  /// The reason for people.
  public var reason: String
  /// The value that decided, of a filter.
  public var score: Double?
  /// 1 is the best.
  public var rank: Int?

  /// Describes an absence.
  public init(
    caseKey: String, _ fate: Fate, stage: String, code: String = "", reason: String = "",
    score: Double? = nil, rank: Int? = nil
  ) {
    self.caseKey = caseKey
    self.fate = fate
    self.stage = stage
    self.code = code
    self.reason = reason
    self.score = score
    self.rank = rank
  }
}
