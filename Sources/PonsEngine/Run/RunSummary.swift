public import PonsKit
public import PonsManifest

/// How a case ended.
public enum CaseStatus: String, Sendable, Hashable {
  /// Every declared output exists.
  case done
  /// A filter removed a declared output.
  case filtered
  /// A selection rule did not choose it.
  case notSelected = "not-selected"
  /// It failed somewhere; code and reason say why.
  case quarantined
}

/// A filter or selection that removed a case from its outgoing edges.
public struct CaseDrop: Sendable, Hashable {
  /// Name of the stage in the manifest.
  public var stage: String
  /// What it decided.
  public var verdict: Verdict

  /// A removal by a stage.
  public init(stage: String, verdict: Verdict) {
    self.stage = stage
    self.verdict = verdict
  }
}

/// The fate of one case.
public struct CaseSummary: Sendable, Hashable {
  /// The case key.
  public var caseKey: String
  /// How it ended.
  public var status: CaseStatus
  /// Reason code when it is not done, `TRUNCATED`.
  public var code: String?
  /// The reason in words when it is not done.
  public var reason: String?
  /// What can be done about it, if known.
  public var hint: String?
  /// The stage where its fate was settled, when it is not done.
  public var stage: String?
  /// Every filter that removed it, in topological order.
  public var drops: [CaseDrop]
  /// Files that were published for it, relative to the output folder.
  public var outputs: [String]
  /// Cases that were made of it, or other keys under which it goes on.
  public var continuesAs: [String]
  /// What its source says that it is; no patient data.
  public var about: [String: JSON]

  /// Whether it only goes on under other keys, and has no output of its own.
  public var isContinued: Bool { status == .done && outputs.isEmpty && !continuesAs.isEmpty }

  /// The fate of a case.
  public init(
    caseKey: String, status: CaseStatus, code: String? = nil, reason: String? = nil,
    hint: String? = nil, stage: String? = nil, drops: [CaseDrop] = [], outputs: [String] = [],
    continuesAs: [String] = [], about: [String: JSON] = [:]
  ) {
    self.caseKey = caseKey
    self.status = status
    self.code = code
    self.reason = reason
    self.hint = hint
    self.stage = stage
    self.drops = drops
    self.outputs = outputs
    self.about = about
    self.continuesAs = continuesAs
  }
}

/// What a run did.
public struct RunSummary: Sendable {
  /// How the run as a whole ended.
  public enum Ending: Sendable, Hashable {
    /// All cases were accounted for.
    case completed
    /// A stage stopped the run.
    case stopped(stage: String, StageFailure)
    /// Somebody cancelled it.
    case cancelled
  }

  /// Name of the run in the work folder, which knows how each result came about.
  public var run = ""
  /// Name of the graph.
  public var name: String
  /// How it ended.
  public var ending: Ending
  /// Every case that a source announced or a stage made, sorted by key.
  public var cases: [CaseSummary]
  /// Files of the run as a whole, relative to the output folder.
  public var outputs: [String]
  /// Figures of each stage, in topological order.
  public var stages: [StageSummary]
  /// Wall time in seconds.
  public var seconds: Double
  /// Processor time of the process in seconds, all threads.
  public var processorSeconds = 0.0
  /// How much of it the host took for itself: scheduling, keys, digests, the store, publishing. What stages ask of it during their calls
  /// counts as theirs.
  public var hostSeconds = 0.0
  /// Whether the graph has sources of cases, so that a run without any case found nothing.
  public var hasSources: Bool
  /// What overlays and the command line had changed in the manifest.
  public var changes: [GraphChange] = []
  /// What results depend on, for comparing runs; see ``RunConfiguration/record(_:codes:)``.
  public var configuration: JSON = .null

  /// What a run did.
  public init(
    name: String, ending: Ending, cases: [CaseSummary], outputs: [String],
    stages: [StageSummary], seconds: Double, hasSources: Bool
  ) {
    self.name = name
    self.ending = ending
    self.cases = cases
    self.outputs = outputs
    self.stages = stages
    self.seconds = seconds
    self.hasSources = hasSources
  }
}

/// Figures of one stage in a run.
public struct StageSummary: Sendable, Hashable {
  /// Things a source passed over on purpose.
  public struct Skipped: Sendable, Hashable {
    /// Kind, for machines.
    public var code: String
    /// Kind, for people.
    public var text: String
    /// How many.
    public var count: Int

    /// Things passed over.
    public init(code: String, text: String, count: Int) {
      self.code = code
      self.text = text
      self.count = count
    }
  }

  /// Name in the manifest.
  public var name: String
  /// Stage id.
  public var use: String
  /// Calls that ran.
  public var calls: Int
  /// Calls spared because the store had the result.
  public var reused: Int
  /// Calls that failed.
  public var failed: Int
  /// Cases that it removed.
  public var dropped: Int
  /// Cases that an ALL stage saw.
  public var cohort: Int?
  /// Time inside calls, in seconds, over all threads.
  public var seconds: Double
  /// What a source passed over.
  public var skipped: [Skipped]

  /// Figures of a stage.
  public init(
    name: String, use: String, calls: Int = 0, reused: Int = 0, failed: Int = 0, dropped: Int = 0,
    cohort: Int? = nil, seconds: Double = 0, skipped: [Skipped] = []
  ) {
    self.name = name
    self.use = use
    self.calls = calls
    self.reused = reused
    self.failed = failed
    self.dropped = dropped
    self.cohort = cohort
    self.seconds = seconds
    self.skipped = skipped
  }
}
