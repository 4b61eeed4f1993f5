internal import CPonsSystem
internal import Glibc
internal import PonsKit

/// What this machine lets a process give up, so that a plugin in it can do little harm.
public struct Sandbox: OptionSet, Sendable, CustomStringConvertible {
  /// The bits.
  public let rawValue: Int

  /// Parts by their bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Writing to files anywhere but in the scratch folder (Landlock).
  public static let files = Self(rawValue: Int(PONS_SANDBOX_FILES))
  /// Networks, signals to other processes, memory that is not counted (seccomp).
  public static let calls = Self(rawValue: Int(PONS_SANDBOX_CALLS))
  /// Networks, where there is no seccomp (a network namespace).
  public static let network = Self(rawValue: Int(PONS_SANDBOX_NETWORK))

  /// What a worker on this machine gets; nil when none can be started.
  public static func available(worker: String = WorkerProgram.find()) -> Sandbox? {
    let job = ChildProcess.Job(executable: worker, arguments: ["sandbox", "/"])
    let result = ChildProcess.run([job], width: 1, seconds: 10)[0]
    guard result.end == .exited(0), let parts = try? JSON(parsing: result.answer).integer else {
      return nil
    }
    return Sandbox(rawValue: Int(parts))
  }

  /// Whether the kernel limits the memory of workers here, with everything that they start, by control groups (version 2). Where it
  /// does not, Pons looks after the worker itself every 50 ms.
  public static var limitsMemory: Bool { WorkerGroup.isAvailable }

  /// For people: what isolated stages cannot do here.
  public var description: String {
    var refused: [String] = []
    if contains(.files) { refused.append("write outside of their scratch folder") }
    if contains(.calls) || contains(.network) { refused.append("use a network") }
    if contains(.calls) { refused.append("signal other processes") }
    return refused.isEmpty ? "nothing is refused" : "cannot " + refused.joined(separator: ", ")
  }

  /// For people: what this machine does not give.
  public var missing: [String] {
    var missing: [String] = []
    if !contains(.files) {
      missing.append("isolated stages can write to files: this kernel has no Landlock")
    }
    if !contains(.calls) {
      missing.append(
        contains(.network)
          ? "isolated stages can signal other processes: this kernel has no seccomp"
          : "isolated stages can use networks: this kernel has neither seccomp nor namespaces for users"
      )
    }
    return missing
  }
}

/// For tests and benchmarks.
package enum IsolationCounters {
  /// Bytes of packets that were copied on their way to or from a worker.
  package static var copiedBytes: Int { IsolatedWorker.copiedBytes.value }
}
