internal import Glibc
internal import PonsKit
internal import PonsManifest
internal import Synchronization

/// One run of a graph.
public final class Run: Sendable {
  private let configuration: RunConfiguration
  private let observer: @Sendable (RunEvent) -> Void
  private let scheduler = Mutex<Scheduler?>(nil)
  private let isCancelled = Atomic<Bool>(false)

  /// Seconds that running calls get to return after a cancellation, before they are left behind.
  private static let patience = 0.7

  /// Prepares a run; nothing happens before ``start()``.
  ///
  /// - Parameter observer: gets every event, one at a time, on threads of the engine. It must not block for long.
  public init(
    _ configuration: RunConfiguration, observer: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.configuration = configuration
    self.observer = observer
  }

  /// Runs the graph and writes `summary.json` and `phi/cases.tsv` into the output folder. Blocks until it is over.
  ///
  /// Cases that fail, and stages that stop the run, are told in the summary.
  ///
  /// - Throws: `StageFailure` when the run cannot begin or cannot tell its result: folders that cannot be made, a
  ///   site key that cannot be read, a stage without a provider.
  public func start() throws -> RunSummary {
    let began = monotonicSeconds()
    let (spent, host) = (
      ProcessorTime.process, ProcessorTime.thread + EngineThread.spent.load(ordering: .relaxed)
    )
    let graph = configuration.graph
    try Self.advising("the output folder must be one that can be written to") {
      try FileSystem.makeFolders(configuration.output)
    }
    let siteKey = try Self.advising(
      "the site key is a file that must be readable, or made on first use; PONS_SITE_KEY names it"
    ) { try SiteKey(file: configuration.siteKeyFile) }
    let store = try Self.advising("the work folder must be one that can be written to") {
      try FileSystem.makeFolders(configuration.work, mode: 0o700)
      return try PacketStore(work: configuration.work)
    }
    defer { store.removeTemporary() }
    let pool = BufferPool(keeping: configuration.memoryBudget / 2)
    let relay = EventRelay()
    let executor = Executor(
      pool: pool, store: store, siteKey: siteKey, truth: try truthLedger,
      isUnsupervised: graph.isUnsupervised
    ) { relay.send($0) }
    let nodes = try makeNodes(graph, siteKey, folder: store.temporary)
    executor.setNodes(nodes)
    try RunRecord(configuration, nodes: nodes, run: store.runName)
      .save(work: store.work, nodes: nodes)
    let publisher = Publisher(output: configuration.output, store: store, pool: pool)
    defer { publisher.removeTemporary() }
    let scheduler = try Scheduler(
      nodes: nodes, executor: executor, sinks: graph.outputs,
      reachableSinks: reachableSinks(graph), siteKey: siteKey, publisher: publisher,
      jobs: max(1, configuration.jobs), memoryBudget: configuration.memoryBudget,
      deliver: observer)
    relay.connect(scheduler)
    defer { relay.disconnect() }
    self.scheduler.withLock { $0 = scheduler }
    defer { self.scheduler.withLock { $0 = nil } }
    if isCancelled.load(ordering: .relaxed) { scheduler.cancel() }

    observer(.started(name: graph.name, stages: graph.stages.map(\.name)))
    try scheduler.run(patience: Self.patience)
    executor.digests.save(runName: store.runName)
    var summary = scheduler.summary(
      run: store.runName, name: graph.name, seconds: monotonicSeconds() - began,
      hasSources: nodes.contains { $0.schedule == .source })
    summary.processorSeconds = Double(ProcessorTime.process - spent) / 1e9
    let ownThreads = ProcessorTime.thread + EngineThread.spent.load(ordering: .relaxed) - host
    summary.hostSeconds =
      Double(max(0, ownThreads - executor.stageTime.load(ordering: .relaxed))) / 1e9
    summary.changes = graph.changes
    summary.configuration = configuration.record(
      siteKey, codes: nodes.map(\.provider.codeDigest))
    try CaseTable.write(scheduler.sourceTable, to: configuration.output)
    try FileSystem.replace(
      "\(configuration.output)/summary.json", with: summary.json.pretty + "\n")
    observer(.finished(summary))
    return summary
  }

  /// Asks a running ``start()`` to end soon: running calls are told, no new ones begin, and finished results stay. Thread-safe, but not
  /// for signal handlers.
  public func cancel() {
    isCancelled.store(true, ordering: .relaxed)
    scheduler.withLock { $0 }?.cancel()
  }

  /// Gives failures that have no hint the hint of what was being done.
  private static func advising<Value>(_ hint: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch var failure as StageFailure where failure.hint.isEmpty {
      failure.hint = hint
      throw failure
    }
  }

  // MARK: Planning

  /// Looks what ``start()`` would do, and does none of it: sources are asked for their cases, and source files whose digests are
  /// not known are read. A work folder that is there gets these digests, so that the run need not read the files again.
  ///
  /// - Throws: `StageFailure` as ``start()`` does. Sources that fail are told in the plan.
  public func plan() throws -> RunPlan {
    let graph = configuration.graph
    let siteKey = try SiteKey(file: configuration.siteKeyFile)
    let store = try PacketStore(work: configuration.work, isReading: true)
    // Nothing is left in a work folder by looking at it.
    let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let nodes = try makeNodes(graph, siteKey, folder: temporary)
    let earlier = EarlierCalls(store: store)
    let planner = Planner(earlier: earlier, stages: nodes.map(\.name))
    let executor = Executor(
      pool: BufferPool(keeping: 0), store: store, siteKey: siteKey, truth: try truthLedger,
      isUnsupervised: graph.isUnsupervised, planner: planner
    ) { _ in }
    executor.setNodes(nodes)
    let scheduler = try Scheduler(
      nodes: nodes, executor: executor, sinks: graph.outputs,
      reachableSinks: reachableSinks(graph), siteKey: siteKey, publisher: nil,
      jobs: max(1, configuration.jobs), memoryBudget: configuration.memoryBudget
    ) { _ in }
    self.scheduler.withLock { $0 = scheduler }
    defer { self.scheduler.withLock { $0 = nil } }
    try scheduler.run(patience: Self.patience)
    executor.digests.save(runName: store.runName)
    let calls = planner.noted
    return RunPlan(
      name: graph.name,
      calls: calls.map {
        RunPlan.Call(stage: nodes[$0.stage].name, caseKey: $0.caseKey, changes: $0.changes)
      },
      stages: nodes.map { node in
        let own = calls.filter { $0.stage == node.index }
        let missing = own.count { $0.changes != nil }
        let cost = earlier.cost(of: node.name)
        return RunPlan.Stage(
          name: node.name, use: node.descriptor.id, cached: own.count - missing, missing: missing,
          threads: node.descriptor.takesAnyThreads ? 1 : node.threads, callSeconds: cost?.seconds,
          callBytes: cost?.bytes,
          isOpenEnded: missing > 0
            && node.descriptor.outputs.contains {
              $0.flow == .output(.newCases) && node.wants($0.name)
            })
      }, jobs: max(1, configuration.jobs),
      stopped: scheduler.monitor.withLock {
        scheduler.stop.map { ($0.stage.map { nodes[$0].name } ?? "store", $0.failure) }
      }, freeBytes: FileSystem.freeBytes(near: configuration.work))
  }

  /// It is the site's, as the key is.
  private var truthLedger: TruthLedger {
    get throws { try TruthLedger(path: configuration.siteKeyFile + ".truth") }
  }

  // MARK: The graph

  private func makeNodes(_ graph: Graph, _ siteKey: SiteKey, folder: String) throws -> [Node] {
    var consumers = graph.stages.map { _ in [String: [Node.Consumer]]() }
    for (index, stage) in graph.stages.enumerated() {
      for (position, input) in stage.inputs.enumerated() {
        consumers[input.stage][input.output, default: []].append(
          .port(node: index, position: position))
      }
    }
    for (index, output) in graph.outputs.enumerated() {
      consumers[output.stage][output.output, default: []].append(.sink(index))
    }
    var gates: [String: Monitor] = [:]
    let providers = try graph.stages.map { stage in
      guard let provider = configuration.providers[stage.descriptor.id] else {
        throw StageFailure(
          .badParameter, code: "NO_PROVIDER",
          "no plugin offers the stage '\(stage.descriptor.id)'")
      }
      return try provider.placed(for: stage, folder: folder)
    }
    let sharing = SharedPorts(graph, isIsolated: providers.map(\.isIsolated))
    return try graph.stages.enumerated().map { index, stage in
      let descriptor = stage.descriptor
      let ports = try stage.inputs.map { input in
        guard let port = descriptor.input(input.port), case .input(let cardinality) = port.flow
        else {
          throw StageFailure(
            .internal, code: "BAD_GRAPH", "'\(stage.name)' has no input port '\(input.port)'")
        }
        return Node.Port(
          descriptor: port, cardinality: cardinality, producer: input.stage, output: input.output)
      }
      let gate: Monitor?
      switch descriptor.concurrency {
      case .parallel: gate = nil
      case .perInstance: gate = Monitor()
      case .perProcess:
        let shared = gates[descriptor.id] ?? Monitor()
        gates[descriptor.id] = shared
        gate = shared
      }
      return try Node(
        index: index, stage: stage, provider: providers[index], ports: ports,
        consumers: consumers[index],
        threads: stage.threads
          ?? (descriptor.concurrency == .parallel && !descriptor.takesAnyThreads ? 1 : Self.cores),
        seed: configuration.seed, siteKey: siteKey, gate: gate, sharing: sharing.ports[index])
    }
  }

  private static var cores: Int { SystemInformation.cores }

  /// For every source, and every stage that makes new cases: the declared outputs that its cases must reach.
  private func reachableSinks(_ graph: Graph) -> [Set<Int>] {
    graph.stages.indices.map { origin in
      let stage = graph.stages[origin]
      let begin: Set<String> = Set(
        stage.descriptor.outputs.filter {
          $0.flow == .output(stage.descriptor.isSource ? .perCase : .newCases)
        }.map(\.name))
      // Output ports that carry this origin's cases, by stage.
      var carrying: [Int: Set<String>] = [origin: begin]
      for index in graph.stages.indices where index > origin {
        let descriptor = graph.stages[index].descriptor
        let receives = graph.stages[index].inputs.contains { input in
          descriptor.input(input.port)?.flow != .input(.once)
            && carrying[input.stage]?.contains(input.output) == true
        }
        if receives {
          carrying[index] = Set(
            descriptor.outputs.filter { $0.flow == .output(.perCase) }.map(\.name))
        }
      }
      return Set(
        graph.outputs.indices.filter {
          carrying[graph.outputs[$0].stage]?.contains(graph.outputs[$0].output) == true
        })
    }
  }
}

/// Passes events of calls on to the scheduler, which is made after the executor.
private final class EventRelay: Sendable {
  private let scheduler = Mutex<Scheduler?>(nil)

  func connect(_ scheduler: Scheduler) { self.scheduler.withLock { $0 = scheduler } }
  func disconnect() { scheduler.withLock { $0 = nil } }
  func send(_ event: RunEvent) { scheduler.withLock { $0 }?.emit(event) }
}

extension Scheduler {
  /// What the run did; after it has ended.
  func summary(run: String, name: String, seconds: Double, hasSources: Bool) -> RunSummary {
    monitor.withLock {
      let ending: RunSummary.Ending
      var unfinished: (code: String, reason: String, stage: String?)?
      if let stop {
        let stage = stop.stage.map { nodes[$0].name } ?? "store"
        ending = .stopped(stage: stage, stop.failure)
        unfinished = (
          "RUN_STOPPED", "the run was stopped at stage '\(stage)': \(stop.failure.message)", stage
        )
      } else if executor.isCancelled {
        ending = .cancelled
        unfinished = ("CANCELLED", "the run was cancelled before the case was done", nil)
      } else {
        ending = .completed
      }
      var summary = RunSummary(
        name: name, ending: ending, cases: ledger.summaries(unfinished: unfinished),
        outputs: runOutputs.sorted(), stages: states.map(\.summary), seconds: seconds,
        hasSources: hasSources)
      summary.run = run
      return summary
    }
  }
}
