public import PonsKit
internal import PonsManifest

extension RunSummary {
  /// The exit code that tells how the run ended.
  ///
  /// 0 all done; 1 internal error; 2 a parameter that cannot be; 3 finished, some cases quarantined; 4 no cases, or no case
  /// reached a declared output; 130 cancelled.
  public var exitCode: Int32 {
    switch ending {
    case .cancelled: return 130
    case .stopped(_, let failure):
      if failure.category == .badParameter { return 2 }
      let isEmpty = failure.code == "COHORT_EMPTY" || failure.code == "COHORT_TOO_SMALL"
      return isEmpty && !cases.contains { $0.status == .done } ? 4 : 1
    case .completed:
      if cases.isEmpty { return hasSources ? 4 : 0 }
      if count(.done) == 0 { return 4 }
      return cases.contains { $0.status == .quarantined } ? 3 : 0
    }
  }

  /// Number of cases with a status. Those that only go on under other keys are counted there.
  public func count(_ status: CaseStatus) -> Int {
    cases.count { $0.status == status && !$0.isContinued }
  }

  /// The content of `OUT/summary.json`.
  public var json: JSON {
    var counts: [String: JSON] = [:]
    for status in [CaseStatus.done, .filtered, .notSelected, .quarantined] {
      counts[status.rawValue] = .integer(Int64(count(status)))
    }
    counts["continued"] = .integer(Int64(cases.count(where: \.isContinued)))
    var members: [String: JSON] = [
      "pons": 1, "run": .string(run), "name": .string(name), "exit_code": .integer(Int64(exitCode)),
      "seconds": .number((seconds * 1000).rounded() / 1000), "counts": .object(counts),
      "processor_seconds": .number((processorSeconds * 1000).rounded() / 1000),
      "host_seconds": .number((hostSeconds * 1000).rounded() / 1000),
      "cases": .array(cases.map(\.json)), "outputs": .array(outputs.map(JSON.string)),
      "stages": .array(stages.map(\.json)), "changes": .array(changes.map(\.json)),
      "configuration": configuration,
    ]
    switch ending {
    case .completed: members["ending"] = "completed"
    case .cancelled: members["ending"] = "cancelled"
    case .stopped(let stage, let failure):
      members["ending"] = "stopped"
      var stopped = failure.json.object ?? [:]
      stopped["stage"] = .string(stage)
      members["stopped_by"] = .object(stopped)
    }
    return .object(members)
  }
}

extension StageFailure {
  /// The failure as an object for machines.
  public var json: JSON {
    var members: [String: JSON] = ["code": .string(code), "message": .string(message)]
    if !hint.isEmpty { members["hint"] = .string(hint) }
    if let parameter { members["parameter"] = .string(parameter) }
    if let port { members["port"] = .string(port) }
    return .object(members)
  }
}

extension CaseSummary {
  /// The case as an object for machines.
  public var json: JSON {
    var members: [String: JSON] = [
      "case": .string(caseKey), "status": .string(status.rawValue), "code": JSON(code),
      "reason": JSON(reason), "hint": JSON(hint), "stage": JSON(stage),
      "dropped_at": .array(drops.map(\.json)), "outputs": .array(outputs.map(JSON.string)),
    ]
    if !about.isEmpty { members["about"] = .object(about) }
    if !continuesAs.isEmpty { members["continues_as"] = .array(continuesAs.map(JSON.string)) }
    return .object(members)
  }
}

extension CaseDrop {
  /// The removal as an object for machines.
  public var json: JSON {
    .object([
      "stage": .string(stage), "reason": .string(verdict.reason),
      "score": verdict.score.map { .number($0) } ?? .null,
      "rank": verdict.rank.map { .integer(Int64($0)) } ?? .null,
      "decision": verdict.decision == .notSelected ? "not-selected" : "drop",
    ])
  }
}

extension StageSummary {
  /// The figures as an object for machines.
  public var json: JSON {
    var members: [String: JSON] = [
      "stage": .string(name), "use": .string(use), "calls": .integer(Int64(calls)),
      "reused": .integer(Int64(reused)), "failed": .integer(Int64(failed)),
      "dropped": .integer(Int64(dropped)), "seconds": .number((seconds * 1000).rounded() / 1000),
    ]
    if let cohort { members["cohort"] = .integer(Int64(cohort)) }
    if !skipped.isEmpty {
      members["skipped"] = .array(
        skipped.map {
          ["code": .string($0.code), "text": .string($0.text), "count": .integer(Int64($0.count))]
        })
    }
    return .object(members)
  }
}
