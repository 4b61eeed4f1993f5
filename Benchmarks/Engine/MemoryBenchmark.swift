import Glibc
import PonsEngine
import PonsKit
import PonsManifest

/// Peak memory with few and many cases: source -> ALL -> ONCE, where the same volumes are joined again after the barrier.
enum MemoryBenchmark {
  static let volume = 4 << 20

  /// Each number of cases runs in a process of its own, so that peaks do not mix.
  static func run(cases: [Int]) throws {
    for count in cases.isEmpty ? [10, 2000] : cases { try inProcess { try run(count) } }
  }

  private static func run(_ count: Int) throws {
    let kind = "org.pons.bytes"
    let source = BenchmarkStage(
      StageDescriptor(
        id: "bytes.source", version: "1", summary: "",
        outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))],
        concurrency: .parallel, isTransient: true, isSource: true), cases: count
    ) { call in
      let builder = try call.begin(
        "out", caseKey: nil, [TensorRequest("voxels", .uint8, [volume])])
      builder.memory("voxels")?.initializeMemory(as: UInt8.self, repeating: UInt8(call.seed & 255))
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
    let gather = BenchmarkStage(
      StageDescriptor(
        id: "bytes.gather", version: "1", summary: "",
        inputs: [PortDescriptor(name: "in", kind: kind, flow: .input(.all))],
        outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.one))])
    ) { call in
      var sum = 0
      for index in 0..<(try call.inputCount("in")) {
        sum &+= try call.input("in", index).withBytes(of: "voxels") { Int($0?.first ?? 0) }
      }
      let builder = try call.begin("out", caseKey: nil, [TensorRequest("sum", .int64, [1])])
      builder.memory("sum")?.storeBytes(of: Int64(sum), as: Int64.self)
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
    let join = BenchmarkStage(
      StageDescriptor(
        id: "bytes.join", version: "1", summary: "",
        inputs: [
          PortDescriptor(name: "in", kind: kind, flow: .input(.each)),
          PortDescriptor(name: "one", kind: kind, flow: .input(.once)),
        ], outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))],
        concurrency: .parallel)
    ) { call in
      let isWhole = try call.input("in", 0).withBytes(of: "voxels") { $0?.first == $0?.last }
      if !isWhole { throw StageFailure(.internal, "the bytes came back changed") }
      let builder = try call.begin("out", caseKey: nil, [])
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
    let summary = try runGraph(
      [
        ("source", source, []),
        ("gather", gather, [GraphInput(port: "in", stage: 0, output: "out")]),
        (
          "join", join,
          [
            GraphInput(port: "in", stage: 0, output: "out"),
            GraphInput(port: "one", stage: 1, output: "out"),
          ]
        ),
      ], outputs: [], memoryBudget: 256 << 20)
    let megabytes = processStatus("VmHWM") >> 20
    print(
      "memory: \(count) cases of \(volume >> 20) MB, budget 256 MB: peak \(megabytes) MB resident, "
        + "\(rounded(summary.seconds)) s, \(rounded(summary.seconds / Double(count) * 1e3)) ms a case"
    )
  }
}
