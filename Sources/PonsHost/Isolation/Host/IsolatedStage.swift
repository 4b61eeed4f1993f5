internal import PonsEngine
internal import PonsKit
internal import PonsManifest
internal import Synchronization

/// A stage whose calls run in workers, as the engine sees it. No code of the plugin comes into this process.
final class IsolatedStageProvider: StageProvider {
  let descriptor: StageDescriptor
  let codeDigest: String
  let isIsolated = true
  private let launch: WorkerLaunch
  private let limits: WorkerLimits
  /// The worker that told what the plugin is; it serves the first call.
  private let first: Mutex<WorkerStart?>

  /// - Parameters:
  ///   - first: a worker that is ready.
  init(
    _ descriptor: StageDescriptor, codeDigest: String, launch: WorkerLaunch, limits: WorkerLimits,
    first: WorkerStart?
  ) {
    self.descriptor = descriptor
    self.codeDigest = codeDigest
    self.launch = launch
    self.limits = limits
    self.first = Mutex(first)
  }

  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance {
    let instance = IsolatedStageInstance(
      descriptor, launch, limits, parameters: parameters, seed: call.seed, threads: call.threads)
    let started = first.withLock { first in
      defer { first = nil }
      return first
    }
    try instance.prepare(call, started)
    return instance
  }
}

/// One use of a stage: as many workers as there were calls at the same time. A worker that crashes, hangs or talks nonsense is
/// replaced, and costs the call that it had.
private final class IsolatedStageInstance: StageInstance {
  private let descriptor: StageDescriptor
  private let launch: WorkerLaunch
  private let limits: WorkerLimits
  private let creation: [String: JSON]
  private let idle = Mutex<[IsolatedWorker]>([])

  init(
    _ descriptor: StageDescriptor, _ launch: WorkerLaunch, _ limits: WorkerLimits,
    parameters: JSON, seed: UInt64, threads: Int
  ) {
    self.descriptor = descriptor
    self.launch = launch
    self.limits = limits
    // A worker that takes the place of another is made in the same way, whichever call it is made for.
    creation = [
      "do": "create", "stage": .string(descriptor.id), "parameters": parameters,
      "seed": .string(String(seed)), "threads": .integer(Int64(threads)),
    ]
  }

  deinit {
    // All are told before the first is waited for.
    let workers = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    for worker in workers { worker.process.end() }
  }

  /// Makes the first worker, so that bad parameters are found before anything runs.
  func prepare(_ call: any StageCall, _ started: WorkerStart?) throws {
    try withWorker(call, started) { _ in }
  }

  func process(_ call: any StageCall) throws { try perform("process", call) }
  func enumerate(_ call: any StageCall) throws { try perform("enumerate", call) }
  func read(name: String, _ call: any StageCall) throws {
    try perform("read", call, ["name": .string(name)])
  }

  private func perform(_ name: String, _ call: any StageCall, _ members: [String: JSON] = [:])
    throws
  {
    var order = members
    order["do"] = .string(name)
    order["seed"] = .string(String(call.seed))
    order["threads"] = .integer(Int64(call.threads))
    var counts: [String: JSON] = [:]
    for port in descriptor.inputs {
      counts[port.name] = .integer(Int64(try call.inputCount(port.name)))
    }
    order["inputs"] = .object(counts)
    order["wanted"] = .array(
      descriptor.outputs.map(\.name).filter(call.wanted).map(JSON.string))
    try withWorker(call, nil) { worker in
      try worker.perform(order, call, stage: descriptor, limits: limits)
    }
  }

  /// Runs a body with a worker that has an instance; it is kept when it is still sound afterwards.
  private func withWorker(
    _ call: any StageCall, _ started: WorkerStart?, _ body: (IsolatedWorker) throws -> Void
  ) throws {
    do {
      let worker = try idle.withLock { $0.popLast() } ?? made(call, started)
      do {
        try body(worker)
      } catch let failure as StageFailure where failure.category != .cancelled {
        // The stage refused; its process is as good as before.
        keep(worker)
        throw failure
      }
      keep(worker)
    } catch let fault as WorkerFault {
      throw fault.failure(stage: descriptor.id)
    }
  }

  private func made(_ call: any StageCall, _ started: WorkerStart?) throws -> IsolatedWorker {
    let worker =
      try started.map { try IsolatedWorker($0, call: call) }
      ?? IsolatedWorker(launch, call: call)
    if !worker.descriptor.stages.contains(descriptor) {
      throw StageFailure(
        .internal, code: "PLUGIN_CHANGED",
        "plugin '\(worker.descriptor.name)' describes itself differently than when it was found",
        hint: "The file was replaced meanwhile, or its answer is not constant. Run again.")
    }
    try worker.perform(creation, call, stage: descriptor, limits: limits, isCreating: true)
    return worker
  }

  private func keep(_ worker: IsolatedWorker) { idle.withLock { $0.append(worker) } }
}
