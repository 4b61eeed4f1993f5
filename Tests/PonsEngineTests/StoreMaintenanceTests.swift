import Glibc
import PonsEngine
import PonsKit
import Testing

/// read -> grow, with values that give one large and two small results.
private struct Growing {
  let graph: TestGraph
  let grow: TestStage

  init(in graph: TestGraph? = nil, code: String = "code") throws {
    self.graph = try graph ?? TestGraph()
    self.graph.stages = []
    self.graph.outputs = []
    grow = TestStage(
      .test("test.grow", in: [.input("in")], out: [.output("out")]), code: code
    ) { call in
      let count = try call.value() == 3 ? 20_000 : 10
      let builder = try call.begin("out", caseKey: nil, [TensorRequest("value", .int64, [count])])
      builder.memory("value")?.withMemoryRebound(to: Int64.self) {
        $0.update(repeating: Int64(code.utf8.count))
      }
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
    try self.graph.add("read", source(["a", "b", "c"]))
    try self.graph.add("grow", grow, ["in": "read.out"])
    try self.graph.declare("value", "grow.out")
  }

  var work: String { graph.folder + "/work" }
}

@Suite struct StoreMaintenanceTests {
  @Test func `verify finds every damaged byte, and removes what it belongs to`() throws {
    let growing = try Growing()
    #expect(try growing.graph.run().exitCode == 0)
    let good = try growing.graph.fingerprints()
    let whole = try StoreVerification(work: growing.work)
    #expect(whole.results == 6 && whole.damaged.isEmpty && whole.damagedRuns.isEmpty)
    #expect(whole.bytes > 160_000)

    let file = try #require(files(below: growing.work).first { $0.hasSuffix("0.safetensors") })
    var bytes = try readFile("\(growing.work)/\(file)")
    bytes[bytes.count - 5] ^= 1
    try writeFile("\(growing.work)/\(file)", bytes)
    let damaged = try StoreVerification(work: growing.work, removing: true)
    #expect(damaged.damaged.map(\.stage) == ["grow"])
    #expect(damaged.damaged.map(\.caseKey) == ["c"])
    #expect(try StoreVerification(work: growing.work).results == 5)
    removeTree(growing.graph.output)
    let again = try Growing(in: growing.graph)
    #expect(try again.graph.run().exitCode == 0)
    #expect(again.grow.callCount == 1)
    #expect(try again.graph.fingerprints() == good)
  }

  @Test func `verify tells what a killed run has left at the end of a journal`() throws {
    let growing = try Growing()
    #expect(try growing.graph.run().exitCode == 0)
    let journal = try #require(files(below: growing.work).first { $0.hasSuffix(".journal") })
    var bytes = try readFile("\(growing.work)/\(journal)")
    bytes.removeLast(3)
    try writeFile("\(growing.work)/\(journal)", bytes)
    let found = try StoreVerification(work: growing.work)
    #expect(found.cutOffBytes > 0 && found.results == 5 && found.damaged.isEmpty)
  }

  @Test func `gc removes checkpoints that are older than the runs that stay`() throws {
    let growing = try Growing()
    #expect(try growing.graph.run().exitCode == 0)
    for name in ["old", "new"] {
      mkdir("\(growing.work)/checkpoints", 0o755)
      mkdir("\(growing.work)/checkpoints/\(name)", 0o755)
      try writeFile(
        "\(growing.work)/checkpoints/\(name)/state", [UInt8](repeating: 1, count: 100_000))
    }
    let longAgo = timeval(tv_sec: 1_000_000_000, tv_usec: 0)
    utimes("\(growing.work)/checkpoints/old", [longAgo, longAgo])
    let done = try StoreCollection(work: growing.work, keeping: 1)
    #expect(done.freedBytes >= 100_000 && done.freedBytes < 200_000)
    let left = files(below: growing.work).filter { $0.hasPrefix("checkpoints") }
    #expect(left == ["checkpoints/new/state"])
  }

  @Test func `gc keeps what the latest runs used, and only that`() throws {
    let growing = try Growing()
    #expect(try growing.graph.run().exitCode == 0)
    let second = try Growing(in: growing.graph, code: "other")
    let latest = try second.graph.run()
    #expect(latest.exitCode == 0)
    let good = try second.graph.fingerprints()

    let trial = try StoreCollection(work: growing.work, keeping: 1, isTrial: true)
    #expect(trial.removed == 3 && trial.kept == 6 && trial.freedBytes > 0)
    #expect(try StoreVerification(work: growing.work).results == 9)
    let done = try StoreCollection(work: growing.work, keeping: 1)
    #expect(done.removed == 3 && done.kept == 6 && done.keptRuns == [latest.run])
    #expect(Lineage.runs(work: growing.work) == [latest.run])
    let left = try StoreVerification(work: growing.work)
    #expect(left.results == 6 && left.damaged.isEmpty && left.damagedRuns.isEmpty)
    #expect(try Lineage(work: growing.work).explain(output: "value", caseKey: "c").steps.count == 2)

    let third = try Growing(in: growing.graph, code: "other")
    #expect(try third.graph.run().exitCode == 0)
    #expect(third.grow.callCount == 0)
    #expect(try third.graph.fingerprints() == good)
    // The first one's results are gone.
    let fourth = try Growing(in: growing.graph)
    #expect(try fourth.graph.run().exitCode == 0)
    #expect(fourth.grow.callCount == 3)
  }

  @Test func `gc with nothing to keep leaves an empty store that works`() throws {
    let growing = try Growing()
    #expect(try growing.graph.run().exitCode == 0)
    #expect(try StoreCollection(work: growing.work, keeping: 0).removed == 6)
    #expect(try StoreVerification(work: growing.work).results == 0)
    let again = try Growing(in: growing.graph)
    #expect(try again.graph.run().exitCode == 0)
    #expect(again.grow.callCount == 3)
  }

  @Test func `nothing is removed while a run uses the folder`() throws {
    let graph = try TestGraph()
    let work = graph.folder + "/work"
    let stage = TestStage(.test("test.stage", in: [.input("in")], out: [.output("out")])) { call in
      // The run holds its share now.
      for attempt in [
        { _ = try StoreCollection(work: work, keeping: 0) },
        { _ = try StoreVerification(work: work, removing: true) },
      ] {
        do {
          try attempt()
          throw TestError(text: "not refused")
        } catch let failure as StageFailure where failure.code == "IN_USE" {}
      }
      try call.send(1)
    }
    try graph.add("read", source(["a"]))
    try graph.add("stage", stage, ["in": "read.out"])
    try graph.declare("value", "stage.out")
    #expect(try graph.run().exitCode == 0)
    #expect(try StoreCollection(work: work, keeping: 1).removed == 0)
  }

  @Test func `a folder that is no work folder is refused`() throws {
    #expect(throws: StageFailure.self) { try StoreVerification(work: "/tmp/there/is/none") }
    #expect(throws: StageFailure.self) { try StoreCollection(work: "/tmp", keeping: 1) }
  }
}

@Suite struct PacketBytesTests {
  @Test func `equal packets have equal bytes, whatever the memory held before`() throws {
    let graph = try TestGraph()
    let stage = TestStage(.test("test.odd", in: [.input("in")], out: [.output("out")])) { call in
      // Memory that is full of other things goes back to the pool first.
      let used = try call.begin("out", caseKey: nil, [TensorRequest("x", .uint8, [200])])
      used.memory("x")?.initializeMemory(as: UInt8.self, repeating: UInt8(try call.value()))
      call.discard(used)
      let builder = try call.begin(
        "out", caseKey: nil,
        [
          TensorRequest("a", .uint8, [3]), TensorRequest("b", .uint8, [70]),
          TensorRequest("c", .uint8, [5]),
        ])
      for name in ["a", "b", "c"] {
        builder.memory(name)?.initializeMemory(as: UInt8.self, repeating: 9)
      }
      // A tensor that becomes smaller leaves a gap too.
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: ["b": [4]])
    }
    graph.jobs = 1
    try graph.add("read", source(["a", "b", "c", "d"]))
    try graph.add("odd", stage, ["in": "read.out"])
    try graph.declare("value", "odd.out")
    #expect(try graph.run().exitCode == 0)
    for name in ["a", "b", "c", "d"] {
      let data = try graph.read("\(name)/value.safetensors").suffix(192 + 5)
      #expect(data.count { $0 == 9 } == 3 + 4 + 5)
      #expect(data.allSatisfy { $0 == 9 || $0 == 0 }, "\(name)")
    }
  }
}
