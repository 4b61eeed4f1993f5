internal import Glibc
internal import PonsKit
internal import PonsManifest

/// Runs the graph: decides which call comes next, routes packets and tombstones, and knows when everything is done.
///
/// Every (case, edge) carries exactly one packet or one tombstone; a node whose inputs have ended and whose calls are done has ended
/// itself. Calls of stages near the outputs come first, so that cases leave the graph before new ones enter. Only reads of sources wait for
/// the memory budget: a case that is in the graph can always go on, so the budget cannot deadlock.
final class Scheduler: @unchecked Sendable {
  // @unchecked: everything that changes is guarded by the monitor.
  let monitor = Monitor()
  let nodes: [Node]
  let executor: Executor
  let sinks: [GraphOutput]
  /// Sinks that a case of a source or split must reach, by node.
  let reachableSinks: [Set<Int>]
  let siteKey: SiteKey
  let publisher: Publisher
  private let jobs: Int
  private let memoryBudget: Int
  private let deliver: @Sendable (RunEvent) -> Void

  var states: [NodeState]
  var ledger: CaseLedger
  var stop: (stage: Int?, failure: StageFailure)?
  var runOutputs: [String] = []
  var sourceTable: [String] = []
  private var writer: StoreWriter?
  private var freeThreads: Int
  private var runningCalls = 0
  private var runningReads = 0
  private var events: [RunEvent] = []
  private let eventOrder = Monitor()
  /// Packets that wait for something that has not happened yet: the first to leave memory.
  private var parked: [PacketSlot] = []

  init(
    nodes: [Node], executor: Executor, sinks: [GraphOutput], reachableSinks: [Set<Int>],
    siteKey: SiteKey, publisher: Publisher, jobs: Int, memoryBudget: Int,
    deliver: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.nodes = nodes
    self.executor = executor
    self.sinks = sinks
    self.reachableSinks = reachableSinks
    self.siteKey = siteKey
    self.publisher = publisher
    self.jobs = jobs
    self.memoryBudget = memoryBudget
    self.deliver = deliver
    freeThreads = jobs
    ledger = CaseLedger(stageNames: nodes.map(\.name))
    states = nodes.map { node in
      NodeState(
        openPorts: node.ports.filter { $0.cardinality != .once }.count,
        mustEnumerate: node.schedule == .source,
        summary: StageSummary(name: node.name, use: node.descriptor.id))
    }
    writer = try StoreWriter(store: executor.store) { [weak self] failure in
      self?.wrote(failure)
    }
  }

  // MARK: Running

  /// Runs until everything is done, something stops it, or it is cancelled.
  ///
  /// - Parameter patience: seconds to wait for running calls after a cancellation.
  func run(patience: Double) throws {
    monitor.withLock {
      for node in nodes where node.schedule == .once && node.ports.isEmpty { fireOnce(node.index) }
      for index in nodes.indices { check(index) }
    }
    let threads = (0..<jobs).map { _ in EngineThread("pons-stage") { self.work() } }
    if !threads.contains(where: \.isStarted) {
      throw StageFailure(.resource, code: "NO_THREADS", "no thread can be started")
    }
    var isAbandoned = false
    monitor.lock()
    while !isOver {
      if executor.isCancelled {
        let deadline = monotonicSeconds() + patience
        while !isOver, monitor.wait(until: deadline) {}
        isAbandoned = !isOver
        break
      }
      monitor.wait()
    }
    monitor.unlock()
    // A call that does not listen keeps its thread; what it still sends is ignored.
    for thread in threads { if isAbandoned { thread.detach() } else { thread.join() } }
    flushEvents()
    writer?.finish()
    flushEvents()
    if !isAbandoned { for node in nodes { node.releaseInstance() } }
  }

  /// Asks for the end. Thread-safe.
  func cancel() {
    executor.cancel()
    monitor.withLock { monitor.broadcast() }
  }

  private var isStopping: Bool { stop != nil || executor.isCancelled }
  private var isOver: Bool {
    runningCalls == 0 && (isStopping || states.allSatisfy(\.isFinished))
  }

  private enum Task {
    case enumerate(Int)
    case call(Execution)
  }

  private func work() {
    monitor.lock()
    while !isStopping {
      if let (task, cost) = pick() {
        monitor.unlock()
        perform(task)
        monitor.lock()
        freeThreads += cost
        runningCalls -= 1
        monitor.broadcast()
        let hasEvents = !events.isEmpty
        if hasEvents {
          monitor.unlock()
          flushEvents()
          monitor.lock()
        }
      } else if states.allSatisfy(\.isFinished) {
        break
      } else {
        monitor.wait()
      }
    }
    monitor.broadcast()
    monitor.unlock()
  }

  /// The next call: of the node nearest to the outputs that has one.
  private func pick() -> (Task, cost: Int)? {
    for index in nodes.indices.reversed() {
      let node = nodes[index]
      guard states[index].mustEnumerate || !states[index].ready.isEmpty, mayStart(node) else {
        continue
      }
      if node.schedule == .source, !states[index].mustEnumerate, !mayRead(index) { continue }
      let cost = states[index].mustEnumerate ? 1 : min(node.threads, jobs)
      // A call that needs more threads than are free waits for them, and nothing overtakes it: else it might wait for ever.
      guard cost <= freeThreads else { return nil }
      freeThreads -= cost
      runningCalls += 1
      states[index].running += 1
      if states[index].mustEnumerate {
        states[index].mustEnumerate = false
        return (.enumerate(index), cost)
      }
      guard let execution = states[index].ready.popFirst() else { continue }
      if node.schedule == .source { runningReads += 1 }
      events.append(.began(stage: node.name, caseKey: execution.caseKey))
      return (.call(execution), cost)
    }
    return nil
  }

  private func mayStart(_ node: Node) -> Bool {
    switch node.descriptor.concurrency {
    case .parallel: true
    case .perInstance: states[node.index].running == 0
    case .perProcess:
      nodes.allSatisfy {
        $0.descriptor.id != node.descriptor.id || states[$0.index].running == 0
      }
    }
  }

  private func perform(_ task: Task) {
    switch task {
    case .enumerate(let index):
      let result = Result { try executor.enumerate(nodes[index]) }
      monitor.withLock { enumerated(index, result) }
    case .call(let execution):
      let start = monotonicSeconds()
      let result = Result { try executor.run(execution) }
      let seconds = monotonicSeconds() - start
      monitor.withLock { completed(execution, result, seconds: seconds) }
    }
  }

  // MARK: Memory

  /// Whether a source may bring another case into memory.
  private func mayRead(_ index: Int) -> Bool {
    let inUse = executor.pool.bytesInUse
    let expected = (runningReads + 1) * states[index].largestRead
    if inUse + expected <= memoryBudget { return true }
    relieve(inUse + expected - memoryBudget / 2)
    if executor.pool.bytesInUse + expected <= memoryBudget { return true }
    // Nothing runs and nothing is being written that could free memory: the oldest case goes on whatever it costs.
    return runningCalls == 0 && (writer?.isIdle ?? true)
  }

  func park(_ slot: PacketSlot) {
    if slot.residentBytes > 0 { parked.append(slot) }
  }

  /// Lets packets leave memory that wait for something that has not happened yet; those that are not on disk are written
  /// first.
  private func relieve(_ bytes: Int) {
    var rest = bytes
    var kept: [PacketSlot] = []
    for (position, slot) in parked.enumerated() {
      if rest <= 0 {
        kept.append(contentsOf: parked[position...])
        break
      }
      let size = slot.residentBytes
      if size == 0 { continue }
      rest -= size
      if slot.evict() { continue }
      if slot.beginWriting() { writer?.add(.spill(slot)) }
      kept.append(slot)
    }
    parked = kept
  }

  private func wrote(_ failure: StageFailure?) {
    monitor.withLock {
      if let failure, stop == nil {
        stop = (nil, failure)
        events.append(
          .log(
            level: .warning, stage: nil, caseKey: nil, code: failure.code,
            text: "the work folder cannot be written: \(failure.message)"))
      }
      monitor.broadcast()
    }
    flushEvents()
  }

  func store(_ entry: PendingEntry) { writer?.add(.store(entry)) }
  func enqueue(_ body: @escaping @Sendable () -> Void) { writer?.add(.run(body)) }

  // MARK: Events

  func post(_ event: RunEvent) { events.append(event) }

  /// Hands over the events in the order in which they happened, one at a time, without holding the scheduler.
  func flushEvents() {
    eventOrder.withLock {
      let waiting = monitor.withLock {
        defer { events = [] }
        return events
      }
      for event in waiting { deliver(event) }
    }
  }

  /// An event from inside a call.
  func emit(_ event: RunEvent) {
    monitor.withLock { events.append(event) }
    flushEvents()
  }

  func readEnded(_ index: Int, bytes: Int) {
    runningReads -= 1
    states[index].largestRead = max(states[index].largestRead, bytes)
  }
}
