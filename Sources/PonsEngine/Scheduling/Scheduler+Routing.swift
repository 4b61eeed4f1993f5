internal import PonsKit
internal import PonsManifest

// What arrives, where it goes, and when a node has everything. Called with the scheduler's lock held.
extension Scheduler {
  // MARK: Sending

  /// Sends what one output port has for a case to everybody who reads it.
  func send(from index: Int, output: String, caseIndex: Int, _ arrival: Arrival) {
    guard let consumers = nodes[index].consumers[output] else { return }
    if case .packet(let slot) = arrival { slot.retain(consumers.count) }
    for consumer in consumers {
      switch consumer {
      case .port(let node, let position):
        receive(node, position: position, caseIndex: caseIndex, arrival)
      case .sink(let sink): receive(sink: sink, caseIndex: caseIndex, arrival)
      }
    }
  }

  /// Sends a tombstone through every output that has one packet a case.
  func sendTombstone(from index: Int, caseIndex: Int, _ tombstone: Tombstone) {
    for port in nodes[index].descriptor.outputs where port.flow == .output(.perCase) {
      send(from: index, output: port.name, caseIndex: caseIndex, .tombstone(tombstone))
    }
  }

  /// Sends the one packet of the run, or that there is none.
  func sendOne(from index: Int, output: String, _ slot: PacketSlot?) {
    guard let consumers = nodes[index].consumers[output] else { return }
    slot?.retain(consumers.count)
    for consumer in consumers {
      switch consumer {
      case .port(let node, let position): receiveOnce(node, position: position, slot)
      case .sink(let sink):
        if let slot { publish(slot, sink: sink, caseIndex: nil) }
      }
    }
  }

  func release(_ slot: PacketSlot) {
    if let path = slot.release() { enqueue { FileSystem.remove(path) } }
  }

  // MARK: Receiving

  private func receive(_ index: Int, position: Int, caseIndex: Int, _ arrival: Arrival) {
    let node = nodes[index]
    if node.ports[position].cardinality == .all {
      states[index].gathered[position, default: [:]][caseIndex] = arrival
      if let slot = arrival.slot { park(slot) }
      return
    }
    let expected = node.ports.reduce(0) { $0 + ($1.cardinality == .each ? 1 : 0) }
    if expected == 1 { return join(index, caseIndex: caseIndex, [position: arrival]) }
    var arrivals = states[index].joins[caseIndex] ?? [:]
    arrivals[position] = arrival
    if arrivals.count == expected {
      states[index].joins[caseIndex] = nil
      join(index, caseIndex: caseIndex, arrivals)
    } else {
      states[index].joins[caseIndex] = arrivals
      if let slot = arrival.slot { park(slot) }
    }
  }

  /// A case has arrived at every EACH port.
  private func join(_ index: Int, caseIndex: Int, _ arrivals: [Int: Arrival]) {
    states[index].arrived += 1
    let tombstones = arrivals.values.compactMap(\.tombstone)
    if let first = tombstones.first {
      for arrival in arrivals.values { if let slot = arrival.slot { release(slot) } }
      states[index].settled += 1
      sendTombstone(
        from: index, caseIndex: caseIndex, tombstones.dropFirst().reduce(first, Tombstone.stronger))
      return
    }
    if hasOnce(index) {
      states[index].ready.append(execution(index, caseIndex: caseIndex, arrivals))
    } else {
      states[index].awaitingOnce.append((caseIndex, arrivals))
      for arrival in arrivals.values { if let slot = arrival.slot { park(slot) } }
    }
  }

  private func execution(_ index: Int, caseIndex: Int, _ arrivals: [Int: Arrival]) -> Execution {
    Execution(
      node: nodes[index], caseIndex: caseIndex, caseKey: ledger.key(of: caseIndex),
      inputs: nodes[index].ports.indices.map { position in
        if let slot = arrivals[position]?.slot { return [slot] }
        return onceInput(index, position)
      })
  }

  private func onceInput(_ index: Int, _ position: Int) -> [PacketSlot] {
    if let arrived = states[index].once[position], let slot = arrived { return [slot] }
    return []
  }

  private func hasOnce(_ index: Int) -> Bool {
    nodes[index].ports.indices.allSatisfy {
      nodes[index].ports[$0].cardinality != .once || states[index].once[$0] != nil
    }
  }

  private func receiveOnce(_ index: Int, position: Int, _ slot: PacketSlot?) {
    let port = nodes[index].ports[position]
    if slot == nil, !port.descriptor.isOptional {
      let failure = StageFailure(
        .badInput, code: "NOT_SENT",
        "stage '\(nodes[port.producer].name)' sent nothing to its optional output '\(port.output)', "
          + "which '\(nodes[index].name)' needs", port: port.descriptor.name)
      return halt(index, failure)
    }
    states[index].once[position] = .some(slot)
    guard hasOnce(index) else { return }
    let awaiting = states[index].awaitingOnce
    states[index].awaitingOnce = []
    for (caseIndex, arrivals) in awaiting {
      states[index].ready.append(execution(index, caseIndex: caseIndex, arrivals))
    }
    if nodes[index].schedule == .once { fireOnce(index) }
    check(index)
  }

  /// Calls a stage that has no case-wise inputs.
  func fireOnce(_ index: Int) {
    if states[index].hasFired { return }
    states[index].hasFired = true
    states[index].arrived = 1
    states[index].ready.append(
      Execution(
        node: nodes[index], caseIndex: nil, caseKey: nil,
        inputs: nodes[index].ports.indices.map { onceInput(index, $0) }))
    postCounts(index)
  }

  // MARK: Ending

  /// Looks whether a node can fire or has ended.
  func check(_ index: Int) {
    if states[index].isFinished || stop != nil { return }
    switch nodes[index].schedule {
    case .source:
      guard !states[index].mustEnumerate, states[index].hasFired else { return }
    case .eachCase:
      guard states[index].openPorts == 0 else { return }
      resolveMissing(index)
      guard states[index].awaitingOnce.isEmpty else { return }
    case .allCases:
      guard states[index].openPorts == 0, hasOnce(index) else { return }
      if !states[index].hasFired { return fireAll(index) }
    case .once:
      guard states[index].hasFired else { return }
    }
    if states[index].ready.isEmpty, states[index].running == 0 { finish(index) }
  }

  private func finish(_ index: Int) {
    states[index].isFinished = true
    postCounts(index)
    for position in nodes[index].ports.indices {
      for slot in onceInput(index, position) { release(slot) }
    }
    for consumers in nodes[index].consumers.values {
      for case .port(let node, let position) in consumers
      where nodes[node].ports[position].cardinality != .once {
        states[node].openPorts -= 1
        check(node)
      }
    }
  }

  /// Every producer has ended: cases that lack a partner without a reason that was given before are errors.
  private func resolveMissing(_ index: Int) {
    let incomplete = states[index].joins.sorted { $0.key < $1.key }
    states[index].joins = [:]
    for (caseIndex, arrivals) in incomplete {
      states[index].arrived += 1
      states[index].settled += 1
      for arrival in arrivals.values { if let slot = arrival.slot { release(slot) } }
      let tombstones = arrivals.values.compactMap(\.tombstone)
      if let first = tombstones.first {
        sendTombstone(
          from: index, caseIndex: caseIndex,
          tombstones.dropFirst().reduce(first, Tombstone.stronger))
      } else {
        let missing = nodes[index].ports.indices.filter {
          nodes[index].ports[$0].cardinality == .each && arrivals[$0] == nil
        }
        quarantine(index, caseIndex: caseIndex, missingPartner(index, caseIndex, missing))
      }
    }
  }

  private func missingPartner(_ index: Int, _ caseIndex: Int, _ positions: [Int]) -> StageFailure {
    let node = nodes[index]
    let key = ledger.key(of: caseIndex)
    let ports = positions.map { position in
      let port = node.ports[position]
      return "'\(port.descriptor.name)' (from \(nodes[port.producer].name).\(port.output))"
    }
    return StageFailure(
      .badInput, code: "MISSING_PARTNER",
      "case \(key) has no packet at \(ports.joined(separator: " and "))",
      hint: "the sources must give the same names to cases that belong together",
      port: positions.first.map { node.ports[$0].descriptor.name })
  }

  // MARK: ALL

  /// Every case has arrived: joins the ports and makes the one call.
  private func fireAll(_ index: Int) {
    states[index].hasFired = true
    let node = nodes[index]
    let joined = node.ports.indices.filter { node.ports[$0].isJoinedAll }
    let gathered = states[index].gathered
    states[index].gathered = [:]
    var cohort: [Int] = []
    var quarantined = 0
    let cases = Set(joined.flatMap { gathered[$0]?.keys.map { $0 } ?? [] })
    for caseIndex in cases.sorted(by: { ledger.key(of: $0) < ledger.key(of: $1) }) {
      let arrivals = joined.map { gathered[$0]?[caseIndex] }
      if arrivals.allSatisfy({ $0?.slot != nil }) {
        cohort.append(caseIndex)
        continue
      }
      for arrival in arrivals { if let slot = arrival?.slot { release(slot) } }
      let tombstones = arrivals.compactMap { $0?.tombstone }
      var strongest = tombstones.first
      for tombstone in tombstones.dropFirst() {
        strongest = strongest.map { Tombstone.stronger($0, tombstone) }
      }
      if let strongest {
        if case .quarantined = strongest.cause { quarantined += 1 }
        sendTombstone(from: index, caseIndex: caseIndex, strongest)
      } else {
        quarantined += 1
        let missing = joined.filter { gathered[$0]?[caseIndex] == nil }
        quarantine(index, caseIndex: caseIndex, missingPartner(index, caseIndex, missing))
      }
    }
    states[index].summary.cohort = cohort.count
    states[index].arrived = 1
    let absent = node.ports.indices.map { absences(at: node.ports[$0], gathered[$0] ?? [:]) }
    // Somebody who tells about absent cases has something to tell when no other case is left.
    let told = joined.reduce(0) { $0 + absent[$1].count }
    if executor.planner == nil,
      let failure = cohortFailure(index, count: cohort.count + told, quarantined: quarantined)
    {
      return halt(index, failure)
    }
    let inputs = node.ports.indices.map { position -> [PacketSlot] in
      switch node.ports[position].cardinality {
      case .once: return onceInput(index, position)
      case .each: return []
      case .all:
        let arrived = gathered[position] ?? [:]
        if node.ports[position].isJoinedAll { return cohort.compactMap { arrived[$0]?.slot } }
        return arrived.keys.sorted { ledger.key(of: $0) < ledger.key(of: $1) }
          .compactMap { arrived[$0]?.slot }
      }
    }
    states[index].ready.append(
      Execution(node: node, caseIndex: nil, caseKey: nil, inputs: inputs, absent: absent))
    postCounts(index)
  }

  /// What an ALL port that asks for it is told of the cases without a packet, sorted by case key.
  private func absences(at port: Node.Port, _ arrivals: [Int: Arrival]) -> [Absence] {
    guard port.cardinality == .all, port.descriptor.asksForAbsent else { return [] }
    return arrivals.compactMap { caseIndex, arrival in
      arrival.tombstone.map {
        $0.absence(of: ledger.key(of: caseIndex), stage: nodes[$0.stage].name)
      }
    }.sorted { $0.caseKey < $1.caseKey }
  }

  private func cohortFailure(_ index: Int, count: Int, quarantined: Int) -> StageFailure? {
    let stage = nodes[index].stage
    if count < stage.minimumCases {
      return StageFailure(
        .badInput, code: count == 0 ? "COHORT_EMPTY" : "COHORT_TOO_SMALL",
        "\(count) cases reached stage '\(stage.name)', which needs at least \(stage.minimumCases)",
        hint: "the other cases were dropped or quarantined before it, or there are none")
    }
    if let maximum = stage.maximumQuarantined, quarantined > maximum {
      return StageFailure(
        .badInput, code: "TOO_MANY_QUARANTINED",
        "\(quarantined) cases were quarantined before stage '\(stage.name)', which allows \(maximum)",
        hint: "look at the quarantined cases, or raise 'max_quarantined'")
    }
    return nil
  }

  // MARK: Failures

  /// Takes a case out of the run at a stage.
  func quarantine(_ index: Int, caseIndex: Int, _ failure: StageFailure) {
    ledger.quarantine(caseIndex, stage: index, failure)
    sendTombstone(
      from: index, caseIndex: caseIndex, Tombstone(cause: .quarantined(failure), stage: index))
  }

  /// Stops the run; what is finished stays.
  func halt(_ index: Int, _ failure: StageFailure) {
    if stop == nil { stop = (index, failure) }
  }

  // MARK: Outputs

  private func receive(sink: Int, caseIndex: Int, _ arrival: Arrival) {
    switch arrival {
    case .packet(let slot): publish(slot, sink: sink, caseIndex: caseIndex)
    case .tombstone(let tombstone):
      ledger.withhold(caseIndex, sink: sink, tombstone)
      settle(caseIndex)
      guard let publisher else { return }
      let name = sinks[sink].name
      let key = ledger.key(of: caseIndex)
      enqueue {
        do {
          try publisher.withdraw(name, caseKey: key)
        } catch {
          let failure = StageFailure(wrapping: error, stage: "output")
          self.emit(
            .log(
              level: .warning, stage: nil, caseKey: key, code: failure.code,
              text: "the output '\(name)' of an earlier run stays: \(failure.message)"))
        }
      }
    }
  }

  /// Writes a declared output, on the writer's thread and after the packet itself was stored.
  private func publish(_ slot: PacketSlot, sink: Int, caseIndex: Int?) {
    let name = sinks[sink].name
    guard let publisher else { return release(slot) }
    enqueue {
      let result = Result {
        let paths = try publisher.publish(slot, name: name) {
          try self.executor.content(of: $0, keeping: false)
        }
        if slot.isGroundTruth, !self.executor.showsNothing(slot) {
          try self.executor.remember(groundTruth: paths.map { "\(publisher.output)/\($0)" })
        }
        return paths
      }
      self.monitor.withLock {
        self.published(result, sink: sink, caseIndex: caseIndex)
        self.release(slot)
      }
      self.flushEvents()
    }
  }

  private func published(_ result: Result<[String], any Error>, sink: Int, caseIndex: Int?) {
    let index = sinks[sink].stage
    switch result {
    case .success(let paths):
      guard let caseIndex else {
        runOutputs += paths
        return
      }
      ledger.publish(caseIndex, sink: sink, paths: paths)
      settle(caseIndex)
    case .failure(let error):
      let failure = StageFailure(wrapping: error, stage: nodes[index].descriptor.id)
      guard let caseIndex, failure.code != "DISK_FULL" else { return halt(index, failure) }
      ledger.quarantine(caseIndex, stage: index, failure)
      ledger.withhold(
        caseIndex, sink: sink, Tombstone(cause: .quarantined(failure), stage: index))
      settle(caseIndex)
    }
  }

  private func settle(_ caseIndex: Int) {
    if let summary = ledger.settle(caseIndex) { post(.settled(summary)) }
  }
}
