internal import Glibc
internal import PonsKit
internal import Synchronization

/// Makes calls of stages: finds earlier results, loads inputs, calls, checks what came out. Called by the workers; knows
/// nothing of the order in which things happen.
final class Executor: Sendable {
  let pool: BufferPool
  let store: PacketStore
  let digests: FileDigests
  let siteKey: SiteKey
  let emit: @Sendable (RunEvent) -> Void
  private let truth: TruthLedger
  private let isUnsupervised: Bool
  /// Set when nothing is to be called, and what would be is noted.
  let planner: Planner?
  private let cancelled = Atomic<Bool>(false)
  private let callNumber = Atomic<Int>(0)
  /// Processor time of engine threads inside of stages, in nanoseconds. Threads that stages start are not in it.
  let stageTime = Atomic<Int>(0)

  private enum Preparation {
    case waiting([Node])
    case done
    case failed(StoppingFailure)
  }
  private let preparation = Mutex(Preparation.done)

  init(
    pool: BufferPool, store: PacketStore, siteKey: SiteKey, truth: TruthLedger,
    isUnsupervised: Bool, planner: Planner? = nil,
    emit: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.planner = planner
    self.truth = truth
    self.isUnsupervised = isUnsupervised
    self.siteKey = siteKey
    self.pool = pool
    self.store = store
    self.emit = emit
    digests = FileDigests(folder: "\(store.work)/digests")
  }

  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
  func cancel() { cancelled.store(true, ordering: .relaxed) }

  // MARK: Calls

  /// A call that was made, or whose result was found.
  struct Completed {
    let outputs: [(port: String, caseKey: String?, slot: PacketSlot)]
    let verdicts: [Verdict]
    let isReused: Bool
    /// What is to be stored, for calls that were made.
    let pending: PendingEntry?
  }

  /// Makes a call, or finds its result in the store.
  ///
  /// - Throws: `StageFailure`.
  func run(_ execution: Execution) throws -> Completed {
    let parts = try noting(execution, key: "-") { try execution.parts(digests: digests) }
    try execution.followGroundTruth(truth, parts, isUnsupervised: isUnsupervised)
    let key = try execution.key(parts)
    if let found = store.find(key), let completed = reuse(found, for: execution) {
      planner?.found(execution)
      note(execution, key: key, .reused, seconds: found.record.seconds, bytes: found.record.bytes)
      return completed
    }
    if let planner { return try planner.expected(of: execution, key: key, parts: parts) }
    try prepareAll()
    let start = monotonicSeconds()
    let result = try noting(execution, key: key) { try call(execution, key: key) }
    let seconds = monotonicSeconds() - start
    let outputs = result.outputs.map { output in
      switch output.content {
      case .packet(let packet):
        let slot = PacketSlot(
          kind: packet.kind, identity: packet.identity, caseKey: output.caseKey,
          producer: execution, port: output.port, packet: packet)
        return (port: output.port, caseKey: output.caseKey, slot: slot)
      case .forwarded(let slot, _):
        return (port: output.port, caseKey: output.caseKey, slot: slot)
      }
    }
    let pending = PendingEntry(
      key: key, parts: parts, execution: execution, result: result, slots: outputs.map(\.slot),
      seconds: seconds)
    note(execution, key: key, .made, seconds: seconds, bytes: pending.record.bytes)
    return Completed(
      outputs: outputs, verdicts: result.verdicts, isReused: false, pending: pending)
  }

  /// Adds a call to the log of the run.
  private func note(
    _ execution: Execution, key: String, _ outcome: LoggedCall.Outcome, seconds: Double = 0,
    bytes: Int = 0
  ) {
    store.calls?.append(
      LoggedCall(
        stage: execution.node.index, caseKey: execution.caseKey, key: key, outcome: outcome,
        seconds: seconds, bytes: bytes))
  }

  /// Adds a call to the log when it fails; one that was cancelled says nothing about its case.
  private func noting<Result>(_ execution: Execution, key: String, _ body: () throws -> Result)
    throws -> Result
  {
    do {
      return try body()
    } catch {
      let failure = StageFailure(wrapping: error, stage: execution.node.descriptor.id)
      if failure.category != .cancelled { note(execution, key: key, .failed(failure.code)) }
      throw error
    }
  }

  /// An earlier result, when it has every output that is wanted now.
  private func reuse(_ found: PacketStore.Found, for execution: Execution) -> Completed? {
    let node = execution.node
    var outputs: [(port: String, caseKey: String?, slot: PacketSlot)] = []
    for output in found.record.outputs where node.wants(output.port) {
      if case .forwarded(let port) = output.content {
        guard let position = node.ports.firstIndex(where: { $0.descriptor.name == port }),
          let slot = execution.inputs[position].first(where: { $0.identity == output.identity })
        else { return nil }
        outputs.append((output.port, output.caseKey, slot))
        continue
      }
      outputs.append(
        (
          output.port, output.caseKey,
          PacketSlot(
            kind: output.kind, identity: output.identity, caseKey: output.caseKey,
            producer: execution, port: output.port, location: found.location(of: output))
        ))
    }
    let ports = Set(found.record.outputs.map(\.port))
    let isDropped = execution.caseIndex != nil && found.record.verdicts.contains { $0.isRemoval }
    for port in node.descriptor.outputs
    where node.wants(port.name) && !port.isOptional && !ports.contains(port.name) {
      // Nobody wanted this output when the call was made. A filter that removed its case, or a stage that made no new case, sent
      // nothing for a reason.
      if !isDropped, port.flow != .output(.newCases) { return nil }
    }
    return Completed(
      outputs: outputs, verdicts: found.record.verdicts, isReused: true, pending: nil)
  }

  /// Makes a call, whatever the store has.
  private func call(_ execution: Execution, key: String) throws -> CallResult {
    let node = execution.node
    var loaded: [Packet?] = []
    for (port, slots) in zip(node.ports, execution.inputs) {
      loaded.append(
        port.cardinality == .all ? nil : try slots.first.map { try content(of: $0, keeping: false) }
      )
    }
    for (index, port) in node.ports.enumerated() {
      guard let packet = loaded[index] else { continue }
      try check(packet, at: port.descriptor) { name in
        node.ports.firstIndex { $0.descriptor.name == name }.flatMap { loaded[$0] }
      }
    }
    let number = callNumber.add(1, ordering: .relaxed).newValue
    let context = EngineCall(
      execution, executor: self, loaded: loaded, key: key,
      folder: "\(store.temporary)/\(number)")
    do {
      try node.whileAlone {
        let start = ProcessorTime.thread
        defer { stageTime.add(ProcessorTime.thread - start, ordering: .relaxed) }
        let instance = try node.instance(call: context)
        if let sourceCase = execution.sourceCase {
          try instance.read(name: sourceCase.name, context)
        } else {
          try instance.process(context)
        }
      }
    } catch {
      let result = context.expire()
      if let files = result.files { FileSystem.remove(files) }
      let failure = StageFailure(wrapping: error, stage: node.descriptor.id)
      // What failed by itself would fail again from where it was.
      if failure.category != .cancelled, failure.category != .resource {
        result.checkpoints?.remove()
      }
      throw failure
    }
    let result = context.expire()
    try checkComplete(result, of: execution)
    return result
  }

  /// Asks a source for its cases.
  func enumerate(_ node: Node, threads: Int) throws -> CallResult {
    let execution = Execution(node: node, caseIndex: nil, caseKey: nil, inputs: [])
    execution.freeThreads.store(threads, ordering: .relaxed)
    let number = callNumber.add(1, ordering: .relaxed).newValue
    let context = EngineCall(
      execution, executor: self, loaded: [], key: "", folder: "\(store.temporary)/\(number)",
      isEnumerating: true)
    do {
      try node.whileAlone {
        let start = ProcessorTime.thread
        defer { stageTime.add(ProcessorTime.thread - start, ordering: .relaxed) }
        try node.instance(call: context).enumerate(context)
      }
    } catch {
      _ = context.expire()
      throw StageFailure(wrapping: error, stage: node.descriptor.id)
    }
    return context.expire()
  }

  /// Before the first call that is really made: every stage of the graph gets its instance, so that bad parameters at the end
  /// of the graph are found before long work at its begin. A run that finds everything in the store loads nothing.
  private func prepareAll() throws {
    try preparation.withLock { state in
      switch state {
      case .done: return
      case .failed(let failure): throw failure
      case .waiting(let nodes):
        do {
          for node in nodes { try prepare(node) }
          state = .done
        } catch let failure as StoppingFailure {
          state = .failed(failure)
          throw failure
        }
      }
    }
  }

  /// Names the stages that the run has.
  func setNodes(_ nodes: [Node]) { preparation.withLock { $0 = .waiting(nodes) } }

  private func prepare(_ node: Node) throws(StoppingFailure) {
    let execution = Execution(node: node, caseIndex: nil, caseKey: nil, inputs: [])
    let number = callNumber.add(1, ordering: .relaxed).newValue
    let context = EngineCall(
      execution, executor: self, loaded: [], key: "", folder: "\(store.temporary)/\(number)")
    defer { _ = context.expire() }
    do {
      _ = try node.instance(call: context)
    } catch {
      throw StoppingFailure(
        node: node.index, failure: StageFailure(wrapping: error, stage: node.descriptor.id))
    }
  }

  // MARK: Ground truth

  /// Remembers published files that carry ground truth.
  func remember(groundTruth paths: [String]) throws {
    try truth.add(paths.map { try SHA256.digest(file: $0) })
  }

  /// Whether all the ground truth in a result are masks without a voxel. Such files have the same bytes whoever wrote them, so that
  /// an empty mask that was predicted would count as truth; and nothing can be learned from them about where to look.
  func showsNothing(_ slot: PacketSlot) -> Bool {
    let truth = slot.producer?.inputs.joined().filter(\.isGroundTruth) ?? []
    return !truth.isEmpty
      && truth.allSatisfy { input in
        guard input.kind == "mask", let mask = try? content(of: input, keeping: false) else {
          return false
        }
        return mask.withBytes(of: "voxels") { $0?.allSatisfy { $0 == 0 } ?? false }
      }
  }

  // MARK: Content

  /// The content of a packet: from memory, from disk, or made again.
  ///
  /// - Parameter keeping: the packet will be asked for again (an ALL port): when it had to be made again, it is
  ///   written to disk, so that the next time is cheap.
  func content(of slot: PacketSlot, keeping: Bool) throws -> Packet {
    if let packet = slot.packet { return packet }
    if let location = slot.location {
      do {
        let packet = try store.load(location, pool: pool)
        slot.share(packet)
        return packet
      } catch let failure as StageFailure where failure.code == "STORE_DAMAGED" {
        slot.forgetLocation()
      }
    }
    guard let producer = slot.producer, producer.node.descriptor.isDeterministic else {
      throw StageFailure(
        .resource, code: "STORE_DAMAGED", "a stored packet is damaged and cannot be made again",
        hint: "run again: what depends on it is computed anew")
    }
    let packet = try remake(slot, producer)
    if keeping, slot.beginWriting() {
      let path = "\(store.temporary)/spill-\(callNumber.add(1, ordering: .relaxed).newValue)"
      _ = try packet.write(to: path)
      if !slot.setLocation(.spill(path: path)) { unlink(path) }
    }
    return packet
  }

  /// Makes a call again for one of its packets.
  private func remake(_ slot: PacketSlot, _ producer: Execution) throws -> Packet {
    try producer.remaking.withLock { _ in
      if let packet = slot.packet { return packet }
      let result = try call(producer, key: producer.key(digests: digests))
      if let files = result.files { FileSystem.remove(files) }
      result.checkpoints?.remove()
      for output in result.outputs where output.port == slot.port && output.caseKey == slot.caseKey
      {
        if case .packet(let packet) = output.content, packet.identity == slot.identity {
          slot.share(packet)
          return packet
        }
      }
      throw StageFailure(
        .internal, code: "NOT_REPEATABLE",
        "stage '\(producer.node.descriptor.id)' calls itself deterministic, but did not send the same again"
      )
    }
  }

  // MARK: Checks

  /// Checks a packet against the promises of an input port.
  func check(
    _ packet: Packet, at port: PortDescriptor, partner: (String) throws -> Packet?
  ) throws {
    if !port.elementTypes.isEmpty, let voxels = packet.tensor("voxels"),
      !port.elementTypes.contains(voxels.type)
    {
      let names = port.elementTypes.map(\.rawValue).joined(separator: ", ")
      throw StageFailure(
        .badInput, code: "ELEMENT_TYPE",
        "port '\(port.name)' takes \(names), and got \(voxels.type.rawValue)", port: port.name)
    }
    if let name = port.sameGrid, let other = try partner(name),
      let difference = packet.gridDifference(to: other)
    {
      throw StageFailure(
        .badInput, code: "GRID_MISMATCH",
        "the packets at ports '\(port.name)' and '\(name)' lie on different grids: \(difference)",
        hint: "resample one onto the other", port: port.name)
    }
  }

  /// Checks that a call answered for every case on every port that is read.
  private func checkComplete(_ result: CallResult, of execution: Execution) throws {
    let node = execution.node
    for port in node.descriptor.outputs where node.wants(port.name) {
      guard case .output(let cardinality) = port.flow else { continue }
      let sent = result.outputs.lazy.filter { $0.port == port.name }
      func incomplete(_ what: String) -> StageFailure {
        if let files = result.files { FileSystem.remove(files) }
        return StageFailure(
          .internal, code: "INCOMPLETE", "stage '\(node.descriptor.id)' \(what)", port: port.name)
      }
      switch cardinality {
      case .one:
        if sent.isEmpty, !port.isOptional { throw incomplete("sent nothing to '\(port.name)'") }
      case .perCase:
        let removed = Set(result.verdicts.filter(\.isRemoval).compactMap(\.caseKey))
        let answered = Set(sent.compactMap(\.caseKey))
        if sent.count != answered.count {
          throw incomplete("sent two packets of a case to '\(port.name)'")
        }
        for key in execution.caseKey.map({ [$0] }) ?? execution.cohort {
          if removed.contains(key), answered.contains(key) {
            throw incomplete("removed case \(key) and sent it to '\(port.name)' all the same")
          }
          if !port.isOptional, !removed.contains(key), !answered.contains(key) {
            throw incomplete("neither sent nor removed case \(key) at '\(port.name)'")
          }
        }
      case .newCases:
        if Set(sent.compactMap(\.caseKey)).count != sent.count {
          throw incomplete("gave two new cases the same name at '\(port.name)'")
        }
      }
    }
  }
}

/// The run cannot go on: a stage of the graph cannot be set up, or ground truth is where it must not be.
struct StoppingFailure: Error {
  let node: Int
  let failure: StageFailure
}

extension Node {
  /// Runs a call, alone when the stage asks for it.
  func whileAlone(_ body: () throws -> Void) rethrows {
    guard let gate else { return try body() }
    try gate.withLock(body)
  }
}

extension Verdict {
  /// Whether it takes the case off the outgoing edges.
  var isRemoval: Bool { decision != .keep }
}

extension StageFailure {
  /// Any error as a failure of a stage.
  init(wrapping error: any Error, stage: String) {
    if let failure = error as? StageFailure {
      self = failure
    } else {
      self.init(.internal, "stage '\(stage)' failed: \(error)")
    }
  }
}
