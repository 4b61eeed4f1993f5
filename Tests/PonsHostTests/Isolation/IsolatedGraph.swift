import Glibc
import PonsEngine
import PonsHost
import PonsKit
import PonsManifest
import Synchronization
import Testing

/// Tests of stages in processes of their own: one after the other, because they count what is left of those.
@Suite(.serialized) struct IsolatedStages {}

/// Three cases, `n0` to `n2`, through stages that run in processes of their own or not.
final class IsolatedGraph {
  let folder: String
  var stages: [GraphStage] = []
  private var outputs: [GraphOutput] = []
  private let registry: PluginRegistry
  /// Everything that happened, in order.
  final class Events: Sendable {
    let list = Mutex<[RunEvent]>([])
  }
  let events = Events()

  init(plugins: [String], scanner: PluginScanner? = nil) throws {
    folder = try HostilePlugin.temporaryFolder()
    registry = PluginRegistry(
      searchPath: PluginSearchPath(only: plugins),
      scanner: scanner ?? PluginScanner(worker: HostilePlugin.worker, cacheFolder: nil))
  }

  deinit { HostilePlugin.remove(folder) }

  /// Adds a stage behind the last one.
  func add(
    _ id: String, isolated: Bool, parameters: [String: JSON] = [:], seconds: Int = 30,
    cpuSeconds: Int? = nil, memory: Int = 256, retries: Int = 0
  ) throws {
    let descriptor = try #require(registry.stage(id))
    var filled = parameters
    for parameter in descriptor.parameters where filled[parameter.name] == nil {
      filled[parameter.name] = parameter.defaultValue
    }
    stages.append(
      GraphStage(
        name: "s\(stages.count)", descriptor: descriptor, parameters: filled,
        inputs: stages.isEmpty
          ? []
          : [
            GraphInput(
              port: descriptor.inputs[0].name, stage: stages.count - 1,
              output: stages[stages.count - 1].descriptor.outputs[0].name)
          ], threads: 1, retries: retries,
        isolation: Isolation(
          isIsolated: isolated, seconds: seconds, cpuSeconds: cpuSeconds, memory: memory)))
    outputs.append(
      GraphOutput(
        name: "o\(outputs.count)", stage: stages.count - 1, output: descriptor.outputs[0].name))
  }

  /// Takes away the last stage.
  func replaceLast() {
    stages.removeLast()
    outputs.removeLast()
  }

  func makeRun(_ name: String = "run", jobs: Int = 2) throws -> Run {
    let events = events
    var providers: [String: any StageProvider] = [:]
    for stage in stages {
      providers[stage.descriptor.id] = try registry.placeable(for: stage.descriptor.id)
    }
    return Run(
      RunConfiguration(
        graph: Graph(name: "test", stages: stages, outputs: outputs), providers: providers,
        output: "\(folder)/\(name)", work: "\(folder)/\(name)-work",
        siteKeyFile: "\(folder)/site.key", jobs: jobs, memoryBudget: 256 << 20)
    ) { event in events.list.withLock { $0.append(event) } }
  }

  func run(_ name: String = "run") throws -> RunSummary { try makeRun(name).start() }

  /// All published files with their content.
  func results(_ name: String = "run") throws -> [String: [UInt8]] {
    let listing = ChildProcess.run(
      [
        .init(
          executable: "/bin/sh",
          arguments: ["-c", "cd '\(folder)/\(name)' && find . -name '*.safetensors' | sort >&3"])
      ], width: 1, seconds: 30)
    var results: [String: [UInt8]] = [:]
    for line in String(decoding: listing[0].answer, as: UTF8.self).split(separator: "\n") {
      let content = ChildProcess.run(
        [
          .init(
            executable: "/bin/sh",
            arguments: ["-c", "cat '\(folder)/\(name)/\(line)' >&3"])
        ], width: 1, seconds: 30)
      results[String(line)] = content[0].answer
    }
    return results
  }
}

/// What this process has of workers. Other tests open files and start programs at the same time.
enum ProcessState {
  /// Descriptors of packets, sockets and processes.
  static var openDescriptors: Int {
    names(in: "/proc/self/fd").count { name in
      var target = [CChar](repeating: 0, count: 256)
      let count = readlink("/proc/self/fd/\(name)", &target, target.count)
      let text = String(
        decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return ["pons-packet", "socket:", "pidfd"].contains { text.contains($0) }
    }
  }

  /// Processes whose command names a folder.
  static func workers(of folder: String) -> Int {
    names(in: "/proc").count { process in
      Int(process) != nil && Int(process) != Int(getpid())
        && (content("/proc/\(process)/cmdline")?.contains(folder) ?? false)
    }
  }

  /// Whether no process of a folder is left. Those that workers had started are killed with them, and gone soon after.
  static func isWithoutWorkers(_ folder: String) -> Bool {
    for _ in 0..<200 {
      if workers(of: folder) == 0 { return true }
      usleep(10_000)
    }
    return false
  }

  /// Whether no process of a folder is left, and none that ended waits to be collected. Those of other tests are soon.
  static func isClean(_ folder: String) -> Bool {
    for _ in 0..<1000 {
      if workers(of: folder) == 0, !hasUncollected { return true }
      usleep(10_000)
    }
    return false
  }

  private static var hasUncollected: Bool {
    names(in: "/proc").contains { process in
      guard let status = content("/proc/\(process)/status") else { return false }
      return status.contains("\nPPid:\t\(getpid())\n") && status.contains("\nState:\tZ")
    }
  }

  private static func content(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  private static func names(in folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}
