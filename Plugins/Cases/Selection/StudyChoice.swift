internal import PonsKit

/// Which of the volumes of a study is taken when one is wanted.
///
/// Every volume of a study comes to the same decision by itself. Where it would be a guess, the study is refused: the wrong
/// series in a pipeline looks like a result. A volume that could not be read may be the one that is wanted, a repeated
/// scan for instance; by default it holds up the choice as long as what is known of it does not rule it out.
struct StudyChoice: Sendable {
  enum Policy: String, Codable, Sendable { case one, first, largest, all }
  enum Refused: String, Codable, Sendable { case block, ignore }

  let policy: Policy
  let refused: Refused

  enum Decision: Equatable {
    case chosen
    /// With the reason.
    case another(String)
  }

  /// Decides about one volume that matches the rules.
  ///
  /// - Parameters:
  ///   - study: the facts of all volumes of the study, each with how it stands to the rules.
  ///   - own: which of them it is.
  /// - Throws: `StageFailure`: AMBIGUOUS_SERIES, REFUSED_SERIES.
  func decide(_ study: [(facts: SeriesFacts, judgement: SeriesRules.Judgement)], own: Int) throws
    -> Decision
  {
    if policy == .all { return .chosen }
    let candidates = study.indices.filter {
      study[$0].judgement == .matches && study[$0].facts.problem == nil
    }
    var best = candidates
    switch policy {
    case .first:
      let ranks = candidates.map { rank(study[$0].facts) }
      best = zip(candidates, ranks).filter { $0.1 == ranks.min { $0 < $1 } ?? $0.1 }.map(\.0)
    case .largest:
      let most = candidates.compactMap { study[$0].facts.slices }.max()
      best = candidates.filter { study[$0].facts.slices == most }
    case .one, .all: break
    }
    guard best.count == 1, let chosen = best.first else {
      throw ambiguous(best.map { study[$0].facts })
    }
    try checkRefused(study, chosen: study[chosen].facts)
    if chosen == own { return .chosen }
    return .another("another series of the study was chosen: \(study[chosen].facts.shown)")
  }

  private func rank(_ facts: SeriesFacts) -> (Int, Int) {
    (facts.number ?? Int.max, facts.volume ?? Int.max)
  }

  private func ambiguous(_ matching: [SeriesFacts]) -> StageFailure {
    let shown = matching.sorted { rank($0) < rank($1) }.prefix(5).map(\.shown).joined(
      separator: "; ")
    let more = matching.count > 5 ? "; and \(matching.count - 5) more" : ""
    return StageFailure(
      .badInput, code: "AMBIGUOUS_SERIES",
      "\(matching.count) volumes of the study match where one is wanted: \(shown)\(more)",
      hint: "narrow the rules, or set per_study to first, largest or all")
  }

  /// Volumes that could not be read hold up the choice where they might have been it.
  private func checkRefused(
    _ study: [(facts: SeriesFacts, judgement: SeriesRules.Judgement)], chosen: SeriesFacts
  ) throws {
    if refused == .ignore { return }
    let rival = study.first { facts, judgement in
      guard facts.problem != nil else { return false }
      if case .fails = judgement { return false }
      switch policy {
      case .first: return rank(facts) < rank(chosen) || facts.number == nil
      case .largest: return (facts.images ?? Int.max) >= (chosen.slices ?? 0)
      case .one, .all: return true
      }
    }
    guard let rival else { return }
    throw StageFailure(
      .badInput, code: "REFUSED_SERIES",
      "\(rival.facts.shown) of the study was refused (\(rival.facts.problem ?? "")) and may be the one that is"
        + " wanted, so that \(chosen.shown) is not taken either",
      hint: "repair the series or take it out of the folder, or set refused to ignore")
  }
}
