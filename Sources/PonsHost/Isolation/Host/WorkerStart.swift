internal import PonsEngine
internal import PonsKit

/// A worker that was started and has not said yet that it is ready: starting takes a while in which something else can be done.
final class WorkerStart: @unchecked Sendable {
  // @unchecked: one thread at a time has it; it is handed over under a lock.
  private let process: WorkerProcess
  private let began = MonotonicClock.seconds
  private var found: (PluginDescriptor, [LibraryInUse], keepsBlocks: Bool)?

  init(_ launch: WorkerLaunch) throws {
    process = try WorkerProcess(launch.worker, in: launch.folder) {
      launch.arguments(scratch: $0, group: $1)
    }
  }

  /// Waits for what the plugin says about itself.
  ///
  /// - Throws: ``WorkerFault``; `StageFailure` when the call was cancelled meanwhile.
  func ready(call: (any StageCall)?) throws -> (
    process: WorkerProcess, plugin: PluginDescriptor, libraries: [LibraryInUse], keepsBlocks: Bool
  ) {
    if let found { return (process, found.0, found.1, found.keepsBlocks) }
    do {
      let message = try process.channel.receive {
        if call?.isCancelled == true {
          throw StageFailure(.cancelled, "the call was cancelled")
        }
        if MonotonicClock.seconds - began > IsolatedWorker.secondsToBeReady {
          throw WorkerFault(
            code: "HANGS",
            "it was not ready within \(Int(IsolatedWorker.secondsToBeReady)) s and was stopped")
        }
      }
      guard let message else {
        throw process.endFault(memory: WorkerLimits.halfOfMemory)
      }
      let reader = WorkerChannel.Reader(message.body)
      if let problem = message.body["problem"]?.string {
        throw WorkerFault(code: try reader.optionalText("code") ?? "NOT_LOADABLE", problem)
      }
      guard try reader.text("do") == "ready" else { throw reader.mistake("do") }
      let version = try reader.integer("protocol")
      if version != WorkerChannel.version {
        throw WorkerFault(
          code: WorkerFault.protocolBroken,
          "it speaks version \(version) of the protocol, expected \(WorkerChannel.version)")
      }
      let descriptor: PluginDescriptor
      do throws(PluginFault) {
        descriptor = try PluginDescriptor(json: message.body["plugin"] ?? .null)
      } catch {
        throw WorkerFault(code: error.code, error.message)
      }
      let libraries = try reader.list("libraries").map { library in
        guard let library = LibraryInUse(json: library) else { throw reader.mistake("libraries") }
        return library
      }
      found = (descriptor, libraries, try reader.flag("keeps_blocks"))
      return (process, descriptor, libraries, try reader.flag("keeps_blocks"))
    } catch let garbage as WorkerChannel.Garbage {
      throw WorkerFault(
        code: WorkerFault.protocolBroken,
        "it broke the protocol before it was ready: \(garbage.reason)")
    }
  }
}

extension WorkerChannel {
  /// The version of the protocol.
  static var version: Int { 1 }
  static var goneReason: String { "the other end is gone" }
}
