import Glibc
import PonsEngine
import PonsKit
import PonsManifest
import Synchronization

/// A graph of test stages, and a folder in which it runs.
final class TestGraph {
  let folder: String
  var stages: [GraphStage] = []
  var outputs: [GraphOutput] = []
  var providers: [String: any StageProvider] = [:]
  var jobs = 2
  var memoryBudget = 256 << 20
  var seed: UInt64 = 0
  var isUnsupervised = false
  var workName = "work"
  let events = EventLog()

  init() throws {
    var template = Array("/tmp/pons-engine-test-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { throw TestError(text: "no temporary folder") }
    folder = String(cString: path)
  }

  deinit { removeTree(folder) }

  var output: String { folder + "/out" }

  /// Adds a stage; inputs are written `"in": "read.out"`.
  func add(
    _ name: String, _ stage: TestStage, _ inputs: KeyValuePairs<String, String> = [:],
    parameters: [String: JSON] = [:], threads: Int? = 1, minimumCases: Int = 1,
    maximumQuarantined: Int? = nil, retries: Int = 0
  ) throws {
    stages.append(
      GraphStage(
        name: name, descriptor: stage.descriptor, parameters: parameters,
        inputs: try inputs.map { port, from in
          let (index, output) = try resolve(from)
          return GraphInput(port: port, stage: index, output: output)
        }, threads: threads, minimumCases: minimumCases, maximumQuarantined: maximumQuarantined,
        retries: retries))
    providers[stage.descriptor.id] = stage
  }

  func declare(_ name: String, _ from: String) throws {
    let (index, output) = try resolve(from)
    outputs.append(GraphOutput(name: name, stage: index, output: output))
  }

  private func resolve(_ reference: String) throws -> (Int, String) {
    let parts = reference.split(separator: ".").map(String.init)
    guard let index = stages.firstIndex(where: { $0.name == parts[0] }) else {
      throw TestError(text: "no stage \(parts[0])")
    }
    return (index, parts[1])
  }

  func makeRun() -> Run {
    let log = events
    return Run(
      RunConfiguration(
        graph: Graph(
          name: "test", isUnsupervised: isUnsupervised, stages: stages, outputs: outputs),
        providers: providers,
        output: output, work: "\(folder)/\(workName)", siteKeyFile: folder + "/site.key",
        jobs: jobs, memoryBudget: memoryBudget, seed: seed)
    ) { log.append($0) }
  }

  func run() throws -> RunSummary { try makeRun().start() }

  /// The content of a file below the output folder.
  func read(_ name: String) throws -> [UInt8] { try readFile("\(output)/\(name)") }

  /// Digests of all published files but the summary, by name; short enough to be printed by a failing test.
  func fingerprints() throws -> [String: String] {
    var digests: [String: String] = [:]
    for name in files(below: output) where !name.hasSuffix(".json") {
      digests[name] = String(try SHA256.digest(file: "\(output)/\(name)").prefix(12))
    }
    return digests
  }

  func exists(_ name: String) -> Bool { access("\(output)/\(name)", F_OK) == 0 }
}

final class EventLog: Sendable {
  private let list = Mutex<[RunEvent]>([])
  func append(_ event: RunEvent) { list.withLock { $0.append(event) } }
  var all: [RunEvent] { list.withLock { $0 } }
}

struct TestError: Error { let text: String }

func readFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw TestError(text: "cannot open \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  guard let file = fopen(path, "wb") else { throw TestError(text: "cannot open \(path)") }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw TestError(text: "cannot write \(path)")
  }
}

/// All files below a folder, relative, sorted.
func files(below folder: String) -> [String] {
  var found: [String] = []
  func walk(_ path: String) {
    guard let directory = opendir("\(folder)/\(path)") else {
      found.append(path)
      return
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { walk(path.isEmpty ? name : "\(path)/\(name)") }
    }
  }
  walk("")
  return found.sorted()
}

func removeTree(_ folder: String) {
  for file in files(below: folder) { unlink("\(folder)/\(file)") }
  func prune(_ path: String) {
    guard let directory = opendir(path) else { return }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    closedir(directory)
    for name in names where name != "." && name != ".." { prune("\(path)/\(name)") }
    rmdir(path)
  }
  prune(folder)
}
