internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import PonsKit
internal import PonsManifest

/// What one call in a worker may use.
struct WorkerLimits: Sendable {
  var seconds: Double
  var cpuSeconds: Double
  /// Bytes of the process beside packets.
  var memory: Int

  /// What the manifest says, or else an hour for a case, two days for all cases, and half of the machine's memory.
  init(_ isolation: Isolation, _ schedule: StageSchedule) {
    let usual = schedule == .allCases || schedule == .once ? 48 * 3600.0 : 3600.0
    seconds = isolation.seconds.map(Double.init) ?? usual
    cpuSeconds = isolation.cpuSeconds.map(Double.init) ?? .infinity
    memory = isolation.memory.map { $0 << 20 } ?? Self.halfOfMemory
  }

  static var halfOfMemory: Int {
    let bytes = max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
    return bytes > 0 ? bytes / 2 : 1 << 40
  }
}

/// Looks after a worker during one call: asked again and again, it throws when the call has to end.
struct WorkerWatch {
  private let limits: WorkerLimits
  private let process: WorkerProcess
  private let call: any StageCall
  private let began = MonotonicClock.seconds
  private let cpuBefore: Double
  private var lastLook: Double

  init(_ process: WorkerProcess, _ limits: WorkerLimits, _ call: any StageCall) {
    self.process = process
    self.limits = limits
    self.call = call
    cpuBefore = process.cpuSeconds
    lastLook = began
  }

  /// - Parameters:
  ///   - sharedBytes: what the worker may share with this process.
  ///   - isHurried: messages keep coming, so that a look now and then is enough.
  /// - Throws: `StageFailure` of category `cancelled`, or ``WorkerFault``.
  mutating func look(sharedBytes: Int, isHurried: Bool = false) throws {
    let now = MonotonicClock.seconds
    if isHurried, now - lastLook < 0.05 { return }
    lastLook = now
    if !isHurried, process.isGone {
      throw process.endFault(memory: limits.memory)
    }
    if call.isCancelled { throw StageFailure(.cancelled, "the call was cancelled") }
    if now - began > limits.seconds {
      throw WorkerFault(
        code: "TIME_LIMIT", "it took longer than \(Self.text(limits.seconds)) s and was stopped",
        hint: "give the stage more time with 'timeout'")
    }
    if limits.cpuSeconds.isFinite, process.cpuSeconds - cpuBefore > limits.cpuSeconds {
      throw WorkerFault(
        code: "CPU_LIMIT",
        "it computed longer than \(Self.text(limits.cpuSeconds)) s and was stopped",
        hint: "give the stage more with 'cpu_time'")
    }
    let (own, shared) = process.residentBytes
    if own + max(0, shared - sharedBytes) > limits.memory {
      throw WorkerFault.tooMuchMemory(limits.memory)
    }
  }

  private static func text(_ seconds: Double) -> String { String(Int(seconds)) }
}

/// Something is wrong with the process of a stage, and it has to be replaced.
struct WorkerFault: Error {
  /// `WORKER_CRASHED`, `WORKER_PROTOCOL`, `TIME_LIMIT`, ...
  var code: String
  var message: String
  var hint: String

  init(code: String, _ message: String, hint: String = "") {
    self.code = code
    self.message = message
    self.hint = hint
  }

  static let crashed = "WORKER_CRASHED"
  static let protocolBroken = "WORKER_PROTOCOL"

  static func tooMuchMemory(_ limit: Int) -> WorkerFault {
    WorkerFault(
      code: "MEMORY_LIMIT", "it took more than \(limit >> 20) MiB of memory and was stopped",
      hint: "give the stage more with 'memory_mib'")
  }

  /// As the failure of a call: of category `resource`, so that it is tried again as often as the manifest says, and costs
  /// its case and not the run.
  func failure(stage: String) -> StageFailure {
    StageFailure(.resource, code: code, "the process of stage '\(stage)': \(message)", hint: hint)
  }
}
