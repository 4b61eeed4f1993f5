internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import PonsKit

/// The life of a worker: gives up its rights, opens the plugin, and does what the host orders until it is gone.
enum WorkerServer {
  /// The socket to the host.
  private static let socket: Int32 = 3

  /// - Parameter order: a JSON object with the plugin, the folder that may be written to, and the process of the host.
  static func run(_ order: String) -> Int32 {
    guard let order = try? JSON(parsing: order), let parent = order["parent"]?.integer,
      let scratch = order["scratch"]?.string, let plugin = order["plugin"]?.string
    else { return 2 }
    let command = (order["command"]?.array ?? []).compactMap(\.string)
    if pons_system_die_with(Int32(parent)) != 0 { return 1 }
    if let group = order["group"]?.string { WorkerGroup.join(group) }
    setenv("TMPDIR", scratch, 1)
    let trust = PluginTrust(forWorker: order["permitted"]?.string)
    // Before the sandbox, in which no memory file can be made; nothing of the plugin runs yet.
    let copy: Result<SealedLibrary.Copy, PluginFault>? =
      trust.isRestricted && command.isEmpty
      ? Result { () throws(PluginFault) in try SealedLibrary.copy(plugin, trust: trust) } : nil
    _ = pons_system_enter_sandbox(scratch, command.isEmpty ? 0 : 1)
    if !command.isEmpty { return become(command) }
    do {
      try serve(plugin, trust, copy, WorkerLink(socket: socket))
    } catch {
      // The host is gone, or does not speak the protocol: there is nobody to tell.
      return 1
    }
    return 0
  }

  private static func become(_ command: [String]) -> Int32 {
    setenv("PONS_WORKER_SOCKET", String(socket), 1)
    var arguments = command.map { strdup($0) }
    arguments.append(nil)
    execv(command[0], arguments)
    return 127
  }

  private static func serve(
    _ file: String, _ trust: PluginTrust, _ copy: Result<SealedLibrary.Copy, PluginFault>?,
    _ link: WorkerLink
  ) throws {
    let library: PluginLibrary
    do throws(PluginFault) {
      library = try PluginLibrary(path: file, trust: trust, copy: copy?.get())
      let libraries = try library.libraries()
      try? link.tell([
        "do": "ready", "protocol": .integer(Int64(WorkerChannel.version)),
        "plugin": library.descriptor.json, "libraries": .array(libraries.map(\.json)),
        "keeps_blocks": true,
      ])
    } catch {
      return try link.tell(["problem": .string(error.message), "code": .string(error.code)])
    }
    var instance: (any StageInstance)?
    while let order = try link.order(), order["do"]?.string != "end" {
      let call = try WorkerCall(order, link)
      var failure: JSON?
      do {
        switch order["do"]?.string {
        case "create":
          let id = order["stage"]?.string ?? ""
          guard let descriptor = library.descriptor.stages.first(where: { $0.id == id }) else {
            throw StageFailure(.badParameter, code: "UNKNOWN_STAGE", "no stage is called '\(id)'")
          }
          let provider = try PluginStageProvider(
            library: library, descriptor: descriptor, codeDigest: "")
          instance = try provider.makeInstance(parameters: order["parameters"] ?? [:], call: call)
        case "process": try instance?.process(call)
        case "enumerate": try instance?.enumerate(call)
        case "read": try instance?.read(name: order["name"]?.string ?? "", call)
        default: throw StageFailure(.internal, "the host ordered something unknown")
        }
      } catch {
        failure =
          (error as? StageFailure ?? StageFailure(.internal, "\(error)")).wire
      }
      call.expire()
      var answer: [String: JSON] = ["do": "return"]
      answer["error"] = failure
      try link.tell(answer)
    }
    instance = nil
  }
}
