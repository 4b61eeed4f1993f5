internal import PonsKit
internal import PonsManifest
internal import Synchronization

// What happens when a call has ended. Called with the scheduler's lock held.
extension Scheduler {
  /// A source has announced its cases.
  func enumerated(_ index: Int, _ result: Result<CallResult, any Error>) {
    defer {
      states[index].running -= 1
      states[index].hasFired = true
      check(index)
    }
    let node = nodes[index]
    let found: [SourceCase]
    switch result {
    case .failure(let error):
      let failure = StageFailure(wrapping: error, stage: node.descriptor.id)
      if failure.category == .cancelled, executor.isCancelled { return }
      return halt(index, failure)
    case .success(let result):
      found = result.found
      states[index].summary.skipped = result.skipped
    }
    var keyed: [(key: String, found: SourceCase)] = []
    var names: Set<String> = []
    for found in found {
      guard names.insert(found.name).inserted else {
        return halt(
          index,
          StageFailure(
            .internal, code: "DUPLICATE_CASE",
            "stage '\(node.descriptor.id)' announced a case twice"))
      }
      let key = CaseKey.of(found.name, isPublic: found.isPublic, siteKey)
      keyed.append((key, found))
      sourceTable.append(
        ([key, node.name, found.name] + found.files).map(CaseTable.field).joined(separator: "\t"))
    }
    keyed.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (key, found) in keyed {
      let caseIndex = ledger.index(of: key, expecting: reachableSinks[index])
      ledger.describe(caseIndex, about: found.about)
      states[index].ready.append(
        Execution(node: node, caseIndex: caseIndex, caseKey: key, inputs: [], sourceCase: found))
    }
    states[index].arrived = keyed.count
    post(.enumerated(stage: node.name, cases: keyed.count))
    postCounts(index)
  }

  /// A call has ended.
  func completed(
    _ execution: Execution, _ result: Result<Executor.Completed, any Error>, seconds: Double
  ) {
    let index = execution.node.index
    states[index].running -= 1
    defer { check(index) }
    switch result {
    case .success(let completed):
      if execution.node.schedule == .source {
        readEnded(index, bytes: completed.outputs.reduce(0) { $0 + $1.slot.residentBytes })
      }
      succeeded(execution, completed, seconds: seconds)
    case .failure(let error):
      if execution.node.schedule == .source { readEnded(index, bytes: 0) }
      if willTryAgain(execution, error) { return }
      failed(execution, error, seconds: seconds)
    }
    for (port, slots) in zip(execution.node.ports, execution.inputs) where port.cardinality != .once
    {
      for slot in slots { release(slot) }
    }
    postCounts(index)
  }

  private func succeeded(_ execution: Execution, _ completed: Executor.Completed, seconds: Double) {
    let node = execution.node
    let index = node.index
    states[index].internalFailures = 0
    states[index].settled += 1
    states[index].summary.seconds += seconds
    if completed.isReused {
      states[index].summary.reused += 1
    } else {
      states[index].summary.calls += 1
    }
    if let pending = completed.pending { store(pending) }

    var removed: [Int: Verdict] = [:]
    for verdict in completed.verdicts where verdict.isRemoval {
      guard let caseIndex = verdict.caseKey.flatMap({ ledger.index(of: $0) }) else { continue }
      removed[caseIndex] = verdict
      ledger.drop(caseIndex, stage: index, verdict)
      states[index].summary.dropped += 1
    }
    post(
      .ended(
        stage: node.name, caseKey: execution.caseKey,
        outcome: execution.caseIndex.flatMap { removed[$0] }.map { .dropped($0) }
          ?? (completed.isReused ? .reused : .finished), seconds: seconds))

    for port in node.descriptor.outputs where node.wants(port.name) {
      let sent = completed.outputs.filter { $0.port == port.name }
      switch port.flow {
      case .output(.one): sendOne(from: index, output: port.name, sent.first?.slot)
      case .output(.newCases):
        sendNewCases(execution, port: port.name, sent: sent.map { ($0.caseKey, $0.slot) })
      case .output(.perCase):
        sendPerCase(
          execution, port: port.name, sent: sent.map { ($0.caseKey, $0.slot) }, removed: removed)
      case .input: break
      }
    }
  }

  private func sendNewCases(
    _ execution: Execution, port: String, sent: [(String?, PacketSlot)]
  ) {
    let index = execution.node.index
    if let parent = execution.caseIndex {
      ledger.goOn(parent, as: sent.compactMap(\.0))
    }
    for (key, slot) in sent {
      guard let key else { continue }
      let caseIndex = ledger.index(of: key, expecting: reachableSinks[index])
      if states[index].newCases[port, default: []].insert(caseIndex).inserted {
        send(from: index, output: port, caseIndex: caseIndex, .packet(slot))
      } else {
        // Which of the two came first depends on the order of calls, so neither of them may count.
        ledger.quarantine(
          caseIndex, stage: index,
          StageFailure(
            .badInput, code: "DUPLICATE_CASE",
            "stage '\(execution.node.name)' gave the key of the case to two packets at '\(port)'",
            hint: "each key can go to one case only", port: port))
      }
    }
  }

  private func sendPerCase(
    _ execution: Execution, port: String, sent: [(String?, PacketSlot)], removed: [Int: Verdict]
  ) {
    let index = execution.node.index
    var slots: [Int: PacketSlot] = [:]
    for (key, slot) in sent {
      if let caseIndex = key.flatMap({ ledger.index(of: $0) }) { slots[caseIndex] = slot }
    }
    let cases =
      execution.caseIndex.map { [$0] } ?? execution.cohort.compactMap { ledger.index(of: $0) }
    for caseIndex in cases {
      let arrival: Arrival
      if let slot = slots[caseIndex] {
        arrival = .packet(slot)
      } else if let verdict = removed[caseIndex] {
        arrival = .tombstone(Tombstone(cause: .dropped(verdict), stage: index))
      } else {
        arrival = .tombstone(Tombstone(cause: .notSent(output: port), stage: index))
      }
      send(from: index, output: port, caseIndex: caseIndex, arrival)
    }
  }

  /// Queues a call again that lacked something, as often as the manifest says.
  private func willTryAgain(_ execution: Execution, _ error: any Error) -> Bool {
    guard let failure = error as? StageFailure, failure.category == .resource else { return false }
    let node = execution.node
    let attempts = execution.attempts.add(1, ordering: .relaxed).newValue
    if attempts > node.stage.retries { return false }
    post(
      .log(
        level: .notice, stage: node.name, caseKey: execution.caseKey, code: failure.code,
        text: "\(failure.message); trying again (\(attempts) of \(node.stage.retries))"))
    states[node.index].ready.append(execution)
    return true
  }

  private func failed(_ execution: Execution, _ error: any Error, seconds: Double) {
    let node = execution.node
    let index = node.index
    if let preparation = error as? StoppingFailure {
      return halt(preparation.node, preparation.failure)
    }
    var failure = StageFailure(wrapping: error, stage: node.descriptor.id)
    if failure.category == .cancelled {
      if executor.isCancelled { return }
      failure = StageFailure(
        .internal, "stage '\(node.descriptor.id)' gave up though nobody had asked it to")
    }
    states[index].summary.seconds += seconds
    states[index].summary.failed += 1
    states[index].settled += 1
    post(
      .ended(
        stage: node.name, caseKey: execution.caseKey, outcome: .failed(failure), seconds: seconds))
    guard let caseIndex = execution.caseIndex else { return halt(index, failure) }
    quarantine(index, caseIndex: caseIndex, failure)
    if failure.category == .internal {
      states[index].internalFailures += 1
      if states[index].internalFailures >= 3 { halt(index, failure) }
    } else {
      states[index].internalFailures = 0
    }
  }
}
