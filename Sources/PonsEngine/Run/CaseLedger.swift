internal import PonsKit

/// What became of every case: fed by the scheduler, which guards it.
struct CaseLedger {
  private struct Entry {
    let key: String
    /// Sinks that this case must reach, by index.
    var expected: Set<Int>
    var quarantine: (stage: Int, failure: StageFailure)?
    var drops: [(stage: Int, verdict: Verdict)] = []
    /// The removal that kept a declared output away.
    var removal: Tombstone?
    var published: [String] = []
    var continuesAs: Set<String> = []
    var isSettled = false
    /// What its source says that it is.
    var about: [String: JSON] = [:]
  }

  private var entries: [Entry] = []
  private var indices: [String: Int] = [:]
  private let stageNames: [String]

  init(stageNames: [String]) { self.stageNames = stageNames }

  /// The number of a case; it is added when it is new. The same case may come from several sources.
  mutating func index(of key: String, expecting sinks: Set<Int>) -> Int {
    if let index = indices[key] {
      entries[index].expected.formUnion(sinks)
      return index
    }
    entries.append(Entry(key: key, expected: sinks))
    indices[key] = entries.count - 1
    return entries.count - 1
  }

  /// Notes what a case is. When it comes from several sources, the first to say something counts.
  mutating func describe(_ index: Int, about: [String: JSON]) {
    entries[index].about.merge(about) { known, _ in known }
  }

  func key(of index: Int) -> String { entries[index].key }
  func index(of key: String) -> Int? { indices[key] }
  var count: Int { entries.count }

  mutating func quarantine(_ index: Int, stage: Int, _ failure: StageFailure) {
    if let known = entries[index].quarantine, known.stage <= stage { return }
    entries[index].quarantine = (stage, failure)
  }

  mutating func drop(_ index: Int, stage: Int, _ verdict: Verdict) {
    entries[index].drops.append((stage, verdict))
  }

  /// A stage made other cases of it.
  mutating func goOn(_ index: Int, as keys: [String]) {
    entries[index].continuesAs.formUnion(keys)
    entries[index].continuesAs.remove(entries[index].key)
  }

  /// A declared output exists.
  mutating func publish(_ index: Int, sink: Int, paths: [String]) {
    entries[index].expected.remove(sink)
    entries[index].published += paths
  }

  /// A declared output will not exist.
  mutating func withhold(_ index: Int, sink: Int, _ tombstone: Tombstone) {
    entries[index].expected.remove(sink)
    entries[index].removal =
      entries[index].removal.map { Tombstone.stronger($0, tombstone) } ?? tombstone
  }

  /// The summary of a case whose declared outputs are all settled, once.
  mutating func settle(_ index: Int) -> CaseSummary? {
    guard entries[index].expected.isEmpty, !entries[index].isSettled else { return nil }
    entries[index].isSettled = true
    return summary(of: entries[index], unfinished: nil)
  }

  /// Summaries of all cases, sorted by key.
  ///
  /// - Parameter unfinished: why cases that did not get everything stopped where they were.
  func summaries(unfinished: (code: String, reason: String, stage: String?)?) -> [CaseSummary] {
    entries.map { summary(of: $0, unfinished: unfinished) }
      .sorted { $0.caseKey.utf8.lexicographicallyPrecedes($1.caseKey.utf8) }
  }

  /// A failure anywhere makes a case quarantined, also when its declared outputs exist: nothing that went wrong is
  /// hidden. A drop counts only where it kept a declared output away.
  private func summary(
    of entry: Entry, unfinished: (code: String, reason: String, stage: String?)?
  ) -> CaseSummary {
    let drops = entry.drops.sorted { $0.stage < $1.stage }
      .map { CaseDrop(stage: stageNames[$0.stage], verdict: $0.verdict) }
    var summary = CaseSummary(
      caseKey: entry.key, status: .done, drops: drops, outputs: entry.published.sorted(),
      continuesAs: entry.continuesAs.sorted(), about: entry.about)
    if let (stage, failure) = entry.quarantine {
      summary.status = .quarantined
      summary.code = failure.code
      summary.reason = failure.message
      summary.hint = failure.hint.isEmpty ? nil : failure.hint
      summary.stage = stageNames[stage]
      return summary
    }
    if let unfinished, !entry.isSettled || entry.published.isEmpty, entry.removal == nil {
      summary.status = .quarantined
      summary.code = unfinished.code
      summary.reason = unfinished.reason
      summary.stage = unfinished.stage
      return summary
    }
    switch entry.removal?.cause {
    case .dropped(let verdict)?:
      describe(verdict, stage: entry.removal?.stage ?? 0, in: &summary)
    case .notSent(let output)?:
      summary.status = .filtered
      summary.code = "NOT_SENT"
      summary.reason = "the stage sent nothing to its optional output '\(output)'"
      summary.stage = entry.removal.map { stageNames[$0.stage] }
    case .quarantined(let failure)?:
      summary.status = .quarantined
      summary.code = failure.code
      summary.reason = failure.message
      summary.stage = entry.removal.map { stageNames[$0.stage] }
    case nil:
      // Where only the run as a whole has outputs, a removed case did not reach them.
      if entry.published.isEmpty, let (stage, verdict) = entry.drops.first {
        describe(verdict, stage: stage, in: &summary)
      }
    }
    return summary
  }

  private func describe(_ verdict: Verdict, stage: Int, in summary: inout CaseSummary) {
    summary.status = verdict.decision == .notSelected ? .notSelected : .filtered
    summary.code = verdict.decision == .notSelected ? "NOT_SELECTED" : "FILTERED"
    summary.reason = verdict.reason
    summary.stage = stageNames[stage]
  }
}
