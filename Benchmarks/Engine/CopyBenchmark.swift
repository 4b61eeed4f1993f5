import PonsEngine
import PonsKit
import PonsManifest
import Synchronization

/// Counts copies of voxels: a source writes the address of its voxels into them, and every stage behind it compares that with
/// the address that it is given. Fan-out to two stages, one of which forwards to a third.
enum CopyBenchmark {
  static func run(cases: Int) throws {
    let kind = "org.pons.bytes"
    let out = PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))
    let input = PortDescriptor(name: "in", kind: kind, flow: .input(.each))
    let edges = Atomic<Int>(0)
    let copies = Atomic<Int>(0)
    @Sendable func look(_ packet: Packet) {
      packet.withBytes(of: "voxels") { bytes in
        guard let bytes else { return }
        edges.add(1, ordering: .relaxed)
        let written = bytes.loadUnaligned(as: UInt.self)
        if written != UInt(bitPattern: bytes.baseAddress) { copies.add(1, ordering: .relaxed) }
      }
    }
    let source = BenchmarkStage(
      StageDescriptor(
        id: "voxels.source", version: "1", summary: "", outputs: [out], concurrency: .parallel,
        isTransient: true, isSource: true), cases: cases
    ) { call in
      let builder = try call.begin(
        "out", caseKey: nil, [TensorRequest("voxels", .uint8, [1 << 20])])
      if let memory = builder.memory("voxels") {
        memory.storeBytes(of: UInt(bitPattern: memory.baseAddress), as: UInt.self)
      }
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
    let forward = BenchmarkStage(
      StageDescriptor(
        id: "voxels.forward", version: "1", summary: "", inputs: [input], outputs: [out],
        concurrency: .parallel)
    ) { call in
      let packet = try call.input("in", 0)
      look(packet)
      try call.forward(packet, to: "out", caseKey: nil)
    }
    let end = BenchmarkStage(
      StageDescriptor(
        id: "voxels.look", version: "1", summary: "", inputs: [input], concurrency: .parallel)
    ) { look(try $0.input("in", 0)) }
    _ = try runGraph(
      [
        ("source", source, []),
        ("forward", forward, [GraphInput(port: "in", stage: 0, output: "out")]),
        ("beside", end, [GraphInput(port: "in", stage: 0, output: "out")]),
        ("behind", end, [GraphInput(port: "in", stage: 1, output: "out")]),
      ], outputs: [], memoryBudget: 256 << 20)
    print(
      "copies: \(copies.load(ordering: .relaxed)) copies of voxels on "
        + "\(edges.load(ordering: .relaxed)) edges (goal 0)")
  }
}
