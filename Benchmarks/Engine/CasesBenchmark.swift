import Glibc
import PonsEngine
import PonsKit
import PonsManifest

/// Many small cases: peak memory and time a case, and what a second run costs that finds everything in the store.
/// source -> work -> work, 4 KB a packet; the result is published a case, or goes to an ALL stage that reads all of them.
enum CasesBenchmark {
  private static let size = 4096

  static func run(cases: [Int]) throws {
    for count in cases.isEmpty ? [1000, 10_000] : cases {
      for isJoined in [false, true] { try inProcess { try run(count, isJoined: isJoined) } }
    }
  }

  private static func run(_ count: Int, isJoined: Bool) throws {
    let kind = "org.pons.bytes"
    @Sendable func send(_ call: any StageCall) throws {
      let builder = try call.begin("out", caseKey: nil, [TensorRequest("bytes", .uint8, [size])])
      builder.memory("bytes")?.initializeMemory(as: UInt8.self, repeating: UInt8(call.seed & 255))
      try call.seal(builder, metadata: ["n": 1], sidecar: [:], shapes: [:])
    }
    let source = BenchmarkStage(
      StageDescriptor(
        id: "small.source", version: "1", summary: "",
        outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))],
        concurrency: .parallel, isTransient: true, isSource: true), cases: count, body: send)
    let work = BenchmarkStage(
      StageDescriptor(
        id: "small.work", version: "1", summary: "",
        inputs: [PortDescriptor(name: "in", kind: kind, flow: .input(.each))],
        outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))],
        concurrency: .parallel)
    ) { call in
      _ = try call.input("in", 0)
      try send(call)
    }
    let all = BenchmarkStage(
      StageDescriptor(
        id: "small.all", version: "1", summary: "",
        inputs: [PortDescriptor(name: "in", kind: kind, flow: .input(.all))],
        outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.one))])
    ) { call in
      for index in 0..<(try call.inputCount("in")) { _ = try call.input("in", index) }
      try send(call)
    }
    let folder = try temporaryFolder()
    defer { system("rm -rf '\(folder)'") }
    func once() throws -> RunSummary {
      var stages = [
        ("source", source, []),
        ("first", work, [GraphInput(port: "in", stage: 0, output: "out")]),
        ("second", work, [GraphInput(port: "in", stage: 1, output: "out")]),
      ]
      if isJoined { stages.append(("all", all, [GraphInput(port: "in", stage: 2, output: "out")])) }
      return try runGraph(
        stages, outputs: [GraphOutput(name: "result", stage: stages.count - 1, output: "out")],
        memoryBudget: 64 << 20, folder: folder)
    }
    let first = try once()
    let megabytes = processStatus("VmHWM") >> 20
    let second = try once()
    let reused = second.stages.reduce(0) { $0 + $1.reused }
    print(
      "cases: \(count) small cases, \(isJoined ? "then a stage that reads all" : "each published"), "
        + "\(first.stages.reduce(0) { $0 + $1.calls }) calls: peak \(megabytes) MB "
        + "resident, \(rounded(first.seconds)) s, \(rounded(first.seconds / Double(count) * 1e3)) ms a case; "
        + "again, \(reused) results from the store: \(rounded(second.seconds)) s")
  }
}
