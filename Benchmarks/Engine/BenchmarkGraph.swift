import Glibc
import PonsEngine
import PonsKit
import PonsManifest

/// A stage made of closures.
final class BenchmarkStage: StageProvider, StageInstance {
  let descriptor: StageDescriptor
  let codeDigest = "benchmark"
  private let body: @Sendable (any StageCall) throws -> Void
  private let cases: Int

  init(
    _ descriptor: StageDescriptor, cases: Int = 0,
    body: @escaping @Sendable (any StageCall) throws -> Void
  ) {
    self.descriptor = descriptor
    self.cases = cases
    self.body = body
  }

  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance { self }
  func process(_ call: any StageCall) throws { try body(call) }
  func read(name: String, _ call: any StageCall) throws { try body(call) }
  func enumerate(_ call: any StageCall) throws {
    for index in 0..<cases {
      try call.addCase(SourceCase(name: "case-\(index)", isPublic: true))
    }
  }
}

/// Runs a body in a process of its own.
func inProcess(_ body: () throws -> Void) throws {
  fflush(nil)
  let child = fork()
  if child == 0 {
    do {
      try body()
      fflush(nil)
      _exit(0)
    } catch {
      print("error: \(error)")
      _exit(1)
    }
  }
  var status: Int32 = 0
  waitpid(child, &status, 0)
  if status != 0 { throw StageFailure(.internal, "a run failed") }
}

func temporaryFolder() throws -> String {
  var template = Array("/tmp/pons-benchmark-XXXXXX".utf8CString)
  guard let path = mkdtemp(&template) else {
    throw StageFailure(.resource, "no temporary folder")
  }
  return String(cString: path)
}

/// Runs stages and answers the summary, in a fresh folder or in one that stays.
func runGraph(
  _ stages: [(name: String, stage: BenchmarkStage, inputs: [GraphInput])],
  outputs: [GraphOutput], memoryBudget: Int, folder kept: String? = nil
) throws -> RunSummary {
  let folder = try kept ?? temporaryFolder()
  defer { if kept == nil { system("rm -rf '\(folder)'") } }
  let graph = Graph(
    name: "benchmark",
    stages: stages.map {
      GraphStage(name: $0.name, descriptor: $0.stage.descriptor, inputs: $0.inputs, threads: 1)
    }, outputs: outputs)
  let configuration = RunConfiguration(
    graph: graph,
    providers: Dictionary(
      stages.map { ($0.stage.descriptor.id, $0.stage) }, uniquingKeysWith: { first, _ in first }),
    output: folder + "/out", work: folder + "/work", siteKeyFile: folder + "/key",
    jobs: SystemInformation.cores, memoryBudget: memoryBudget)
  let summary = try Run(configuration) { _ in }.start()
  guard summary.ending == .completed, summary.cases.allSatisfy({ $0.status == .done }) else {
    throw StageFailure(.internal, "the run did not complete: \(summary.ending)")
  }
  return summary
}

/// A figure of /proc/self/status in bytes: `VmHWM` is the peak of resident memory, `RssAnon` what is not backed by files.
func processStatus(_ name: String) -> Int {
  guard let file = fopen("/proc/self/status", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, Int32(line.count), file) != nil {
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if text.hasPrefix(name + ":") {
      return (Int(text.split(whereSeparator: { !$0.isNumber }).first ?? "0") ?? 0) * 1024
    }
  }
  return 0
}
