import PonsEngine
import PonsKit
import PonsManifest

/// The cost of an edge: empty packets through a graph of three stages, with everything on that is on by default
/// (keys, records in the store, events).
enum EdgeBenchmark {
  static func run(packets: Int) throws {
    let kind = "org.pons.empty"
    let out = PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))
    let input = PortDescriptor(name: "in", kind: kind, flow: .input(.each))
    @Sendable func send(_ call: any StageCall) throws {
      let builder = try call.begin("out", caseKey: nil, [])
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
    let source = BenchmarkStage(
      StageDescriptor(
        id: "empty.source", version: "1", summary: "", outputs: [out], concurrency: .parallel,
        isTransient: true, isSource: true), cases: packets, body: send)
    let pass = BenchmarkStage(
      StageDescriptor(
        id: "empty.make", version: "1", summary: "", inputs: [input], outputs: [out],
        concurrency: .parallel)
    ) { call in
      _ = try call.input("in", 0)
      try send(call)
    }
    let summary = try runGraph(
      [
        ("source", source, []),
        ("first", pass, [GraphInput(port: "in", stage: 0, output: "out")]),
        ("second", pass, [GraphInput(port: "in", stage: 1, output: "out")]),
      ], outputs: [], memoryBudget: 256 << 20)
    let edges = Double(2 * packets)
    let micros = summary.seconds / edges * 1e6
    print(
      "edge: \(packets) empty packets, 3 stages, 2 edges: \(rounded(summary.seconds)) s, "
        + "\(rounded(micros)) us an edge (goal under 20)")
  }
}

func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
