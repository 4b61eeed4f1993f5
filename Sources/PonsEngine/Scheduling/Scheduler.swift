internal import Glibc
internal import PonsKit
internal import PonsManifest
internal import Synchronization

/// Runs the graph: decides which call comes next, routes packets and tombstones, and knows when everything is done.
///
/// Every (case, edge) carries exactly one packet or one tombstone; a node whose inputs have ended and whose calls are done has ended
/// itself. Calls of stages near the outputs come first, so that cases leave the graph before new ones enter. Only reads of sources wait for
/// the memory budget: a case that is in the graph can always go on, so the budget cannot deadlock.
final class Scheduler: @unchecked Sendable {
  // @unchecked: everything that changes is guarded by the monitor.
  let monitor = Monitor()
  /// What the thread that started the run waits for.
  private let ending = MonitorCondition()
  let nodes: [Node]
  let executor: Executor
  let sinks: [GraphOutput]
  /// Sinks that a case of a source or split must reach, by node.
  let reachableSinks: [Set<Int>]
  let siteKey: SiteKey
  /// Nil when the run is only planned.
  let publisher: Publisher?
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
  private var waitingWorkers = 0
  private static let longestBacklog = 1024
  private var runningCalls = 0
  private var runningReads = 0
  private var events: [RunEvent] = []
  private var changedCounts: Set<Int> = []
  private var lastFlush = 0.0
  private let eventOrder = Monitor()
  /// Packets that wait for something that has not happened yet: the first to leave memory.
  private var parked: [PacketSlot] = []

  init(
    nodes: [Node], executor: Executor, sinks: [GraphOutput], reachableSinks: [Set<Int>],
    siteKey: SiteKey, publisher: Publisher?, jobs: Int, memoryBudget: Int,
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
        while !isOver, ending.wait(monitor, until: deadline) {}
        isAbandoned = !isOver
        break
      }
      ending.wait(monitor)
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
    monitor.withLock {
      monitor.broadcast()
      ending.broadcast()
    }
  }

  private var isStopping: Bool { stop != nil || executor.isCancelled }
  private var isOver: Bool {
    runningCalls == 0 && (isStopping || states.allSatisfy(\.isFinished))
  }

  private enum Task {
    case enumerate(Int, threads: Int)
    case call(Execution)
  }

  private func work() {
    monitor.lock()
    while !isStopping {
      if let (task, cost) = pick() {
        monitor.unlock()
        let outcome = perform(task)
        monitor.lock()
        apply(outcome)
        freeThreads += cost
        runningCalls -= 1
        wake()
        flushEventsWhenDue()
      } else if states.allSatisfy(\.isFinished) {
        break
      } else if !events.isEmpty || !changedCounts.isEmpty {
        monitor.unlock()
        flushEvents()
        monitor.lock()
      } else {
        waitingWorkers += 1
        monitor.wait()
        waitingWorkers -= 1
      }
    }
    monitor.broadcast()
    ending.broadcast()
    monitor.unlock()
  }

  /// Tells other workers that there may be work. Waking a thread costs as much as a small call, so nobody is woken who has
  /// nothing to do.
  private func wake() {
    if isStopping || runningCalls == 0 {
      monitor.broadcast()
      ending.broadcast()
    } else if waitingWorkers > 0 {
      monitor.broadcast()
    }
  }

  /// The next call: of the node nearest to the outputs that has one.
  private func pick() -> (Task, cost: Int)? {
    for index in nodes.indices.reversed() {
      let node = nodes[index]
      guard states[index].mustEnumerate || !states[index].ready.isEmpty, mayStart(node) else {
        continue
      }
      if node.schedule == .source, !states[index].mustEnumerate, !mayRead(index) { continue }
      let cost = cost(of: node, isEnumerating: states[index].mustEnumerate)
      // A call that needs more threads than are free waits for them, and nothing overtakes it: else it might wait for ever.
      guard cost <= freeThreads else { return nil }
      freeThreads -= cost
      runningCalls += 1
      states[index].running += 1
      if states[index].mustEnumerate {
        states[index].mustEnumerate = false
        return (.enumerate(index, threads: cost), cost)
      }
      guard let execution = states[index].ready.popFirst() else { continue }
      execution.freeThreads.store(cost, ordering: .relaxed)
      if node.schedule == .source { runningReads += 1 }
      events.append(.began(stage: node.name, caseKey: execution.caseKey))
      return (.call(execution), cost)
    }
    return nil
  }

  /// How many threads a call takes.
  private func cost(of node: Node, isEnumerating: Bool) -> Int {
    if node.descriptor.takesAnyThreads { return max(1, min(node.threads, freeThreads)) }
    return isEnumerating ? 1 : min(node.threads, jobs)
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

  private enum Outcome {
    case enumerated(Int, Result<CallResult, any Error>)
    case called(Execution, Result<Executor.Completed, any Error>, seconds: Double)
  }

  private func perform(_ task: Task) -> Outcome {
    switch task {
    case .enumerate(let index, let threads):
      return .enumerated(
        index, Result { try executor.enumerate(nodes[index], threads: threads) })
    case .call(let execution):
      let start = monotonicSeconds()
      let result = Result { try executor.run(execution) }
      return .called(execution, result, seconds: monotonicSeconds() - start)
    }
  }

  private func apply(_ outcome: Outcome) {
    switch outcome {
    case .enumerated(let index, let result): enumerated(index, result)
    case .called(let execution, let result, let seconds):
      completed(execution, result, seconds: seconds)
    }
  }

  // MARK: Memory

  /// Whether a source may bring another case into memory.
  private func mayRead(_ index: Int) -> Bool {
    // Small results hardly count as bytes; when the writer falls behind by many, reading waits too.
    if let writer, writer.backlog > Self.longestBacklog { return false }
    let inUse = executor.pool.bytesInUse
    let expected = (runningReads + 1) * states[index].largestRead
    if inUse + expected <= memoryBudget { return true }
    relieve(inUse + expected - memoryBudget / 2)
    if executor.pool.bytesInUse + expected <= memoryBudget { return true }
    // Nothing runs and nothing is being written that could free memory: the oldest case goes on whatever it costs.
    return runningCalls == 0 && (writer?.isIdle ?? true)
  }

  /// A packet waits for something that has not happened yet. Small ones, of which there may be very many, leave memory as soon as they are
  /// stored: reading them back costs next to nothing. Others stay as long as there is room.
  func park(_ slot: PacketSlot) {
    let bytes = slot.residentBytes
    if bytes == 0 || bytes <= PacketStore.smallResult && slot.evictWhenStored() { return }
    parked.append(slot)
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
      if waitingWorkers > 0 || stop != nil { monitor.broadcast() }
      ending.broadcast()
    }
    flushEvents()
  }

  func store(_ entry: PendingEntry) { writer?.add(.store(entry)) }
  func enqueue(_ body: @escaping @Sendable () -> Void) { writer?.add(.run(body)) }

  // MARK: Events

  func post(_ event: RunEvent) { events.append(event) }

  /// Remembers that the counts of a stage changed; they are told with the next events.
  func postCounts(_ index: Int) { changedCounts.insert(index) }

  /// Hands over the events in the order in which they happened, one at a time, without holding the scheduler.
  func flushEvents() {
    eventOrder.withLock {
      let waiting = monitor.withLock {
        for index in changedCounts.sorted() {
          let state = states[index]
          events.append(
            .counts(
              stage: nodes[index].name, done: state.settled, total: state.arrived,
              isTotalFinal: state.isFinished || state.openPorts == 0 && !state.mustEnumerate))
        }
        defer {
          events = []
          changedCounts = []
          lastFlush = monotonicSeconds()
        }
        return events
      }
      for event in waiting { deliver(event) }
    }
  }

  /// Hands events over in batches, often enough for people who watch. Called with the lock held, which it gives up
  /// meanwhile.
  private func flushEventsWhenDue() {
    guard events.count >= 256 || monotonicSeconds() - lastFlush > 0.05 else { return }
    monitor.unlock()
    flushEvents()
    monitor.lock()
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
