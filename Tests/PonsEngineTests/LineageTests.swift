import Glibc
import PonsEngine
import PonsKit
import PonsManifest
import Testing

/// A stage that sends its input's value plus its parameter, and says in the metadata what decided.
private func add(code: String = "code", version: String = "1") -> TestStage {
  var descriptor = StageDescriptor.test(
    "test.add", in: [.input("in")], out: [.output("out")],
    parameters: [
      ParameterDescriptor("amount", .integer), ParameterDescriptor("table", .path),
    ])
  descriptor.version = version
  return TestStage(descriptor, code: code) { call in
    let builder = try call.begin("out", caseKey: nil, [TensorRequest("value", .int64, [1])])
    builder.memory("value")?.storeBytes(of: Int64(try call.value() + 1), as: Int64.self)
    try call.seal(
      builder, metadata: ["decided": ["limit": 3]], sidecar: ["secret": "DOE^JANE"], shapes: [:])
  }
}

/// Keeps values below 3, and passes them on.
private func filter() -> TestStage {
  TestStage(
    .test(
      "test.filter", in: [.input("in", "org.test", .all)], out: [.output("out")])
  ) { call in
    for index in 0..<(try call.inputCount("in")) {
      let packet = try call.input("in", index)
      if packet.value < 3 {
        try call.verdict(
          Verdict(caseKey: packet.caseKey, .keep, score: Double(packet.value), rank: 1))
        try call.forward(packet, to: "out", caseKey: packet.caseKey)
      } else {
        try call.verdict(Verdict(caseKey: packet.caseKey, .drop, reason: "too large"))
      }
    }
  }
}

private func files(_ folder: String, _ names: [String]) -> TestStage {
  TestStage(
    .test("test.files", out: [.output("out")], transient: true, source: true),
    enumerate: { call in
      for name in names {
        try call.addCase(SourceCase(name: name, isPublic: true, files: ["\(folder)/\(name)"]))
      }
    },
    read: { name, call in
      if try readFile("\(folder)/\(name)").count > 100 {
        throw StageFailure(.badInput, code: "TOO_LARGE", "large")
      }
      let builder = try call.begin("out", caseKey: nil, [TensorRequest("value", .int64, [1])])
      builder.memory("value")?.storeBytes(
        of: Int64(try readFile("\(folder)/\(name)").count), as: Int64.self)
      try call.seal(
        builder, metadata: ["modality": "MR"],
        sidecar: ["dicom": ["instances": [["uid": "1.2.3"]]]], shapes: [:])
    })
}

/// read -> add -> filter, on files of 1, 2 and 500 bytes.
private struct Chain {
  let graph: TestGraph

  init(in graph: TestGraph? = nil, code: String = "code", amount: Int64 = 1) throws {
    self.graph = try graph ?? TestGraph()
    self.graph.stages = []
    self.graph.outputs = []
    let folder = self.graph.folder + "/in"
    if graph == nil {
      mkdir(folder, 0o777)
      for (name, size) in [("a", 1), ("b", 2), ("z", 500)] {
        try writeFile("\(folder)/\(name)", [UInt8](repeating: 7, count: size))
      }
      try writeFile(self.graph.folder + "/table", [1, 2, 3])
    }
    try self.graph.add("read", files(folder, ["a", "b", "z"]))
    try self.graph.add(
      "add", add(code: code), ["in": "read.out"],
      parameters: [
        "amount": .integer(amount), "table": .string(self.graph.folder + "/table"),
      ])
    try self.graph.add("keep", filter(), ["in": "add.out"])
    try self.graph.declare("value", "keep.out")
  }

  var work: String { graph.folder + "/work" }
}

@Suite struct LineageTests {
  @Test func `a result is followed to the digests of its source files`() throws {
    let chain = try Chain()
    #expect(try chain.graph.run().exitCode == 3)
    let found = try Lineage(work: chain.work).explain(output: "value", caseKey: "a")
    #expect(found.steps.map(\.stage) == ["keep", "add", "read"])
    #expect(found.missing.isEmpty)
    let (keep, add, read) = (found.steps[0], found.steps[1], found.steps[2])
    #expect(keep.verdicts.map(\.score) == [2])
    #expect(keep.outputs.map(\.forwarded) == ["in"])
    #expect(keep.inputs[0].packets.compactMap(\.caseKey) == ["a", "b"])
    #expect(add.outputs[0].metadata?["decided"]?["limit"] == 3)
    #expect(add.outputs[0].packet == keep.outputs[0].packet)
    #expect(add.inputs[0].packets == read.outputs.map(\.packet))
    #expect(add.parameters.first { $0.name == "amount" }?.value == 1)
    #expect(add.parameters.first { $0.name == "table" }?.isPath == true)
    #expect(add.files == [try SHA256.digest(file: chain.graph.folder + "/table")])
    #expect(read.sources == [try SHA256.digest(file: chain.graph.folder + "/in/a")])
    // A file reader's packet is nowhere; what it says about itself is kept all the same.
    #expect(read.outputs[0].metadata?["modality"] == "MR")
    #expect(read.outputs[0].sidecar?["dicom"]?["instances"]?[0]?["uid"] == "1.2.3")
  }

  @Test func `a dropped and a failed case are explained up to where they ended`() throws {
    let chain = try Chain()
    _ = try chain.graph.run()
    let lineage = try Lineage(work: chain.work)
    let dropped = try lineage.explain(caseKey: "b")
    #expect(dropped.steps.first?.verdicts.map(\.reason) == ["too large"])
    let failed = try lineage.explain(caseKey: "z")
    #expect(failed.steps.map(\.stage) == ["read"])
    #expect(failed.steps[0].failure == "TOO_LARGE")
    #expect(throws: StageFailure.self) { try lineage.explain(output: "value", caseKey: "b") }
    #expect(throws: StageFailure.self) { try lineage.explain(caseKey: "nobody") }
  }

  @Test func `a run that reused everything explains the same`() throws {
    let chain = try Chain()
    let first = try chain.graph.run()
    let before = try Lineage(work: chain.work).explain(output: "value", caseKey: "a")
    let second = try chain.graph.run()
    #expect(first.run != second.run)
    let lineage = try Lineage(work: chain.work)
    #expect(lineage.run == second.run)
    let after = try lineage.explain(output: "value", caseKey: "a")
    #expect(after.steps.map(\.key) == before.steps.map(\.key))
    #expect(after.steps.map(\.isReused) == [true, true, true])
    #expect(after.steps.map(\.seconds) == before.steps.map(\.seconds))
    #expect(Lineage.runs(work: chain.work) == [second.run, first.run])
  }

  @Test func `what the store has lost is said`() throws {
    let chain = try Chain()
    _ = try chain.graph.run()
    for file in files(below: chain.work + "/journals") { unlink("\(chain.work)/journals/\(file)") }
    let lineage = try Lineage(work: chain.work)
    #expect(throws: StageFailure.self) { try lineage.explain(output: "value", caseKey: "a") }
    #expect(try lineage.explain(caseKey: "z").steps.count == 1)
  }
}

@Suite struct PlanTests {
  private func changes(_ chain: Chain, _ stage: String, _ caseKey: String?) throws -> [KeyChange]? {
    try chain.graph.makeRun().plan().calls.first { $0.stage == stage && $0.caseKey == caseKey }?
      .changes
  }

  @Test func `before the first run everything is new, and nothing is written`() throws {
    let chain = try Chain()
    let plan = try chain.graph.makeRun().plan()
    #expect(plan.stages.map(\.missing) == [3, 3, 1])
    #expect(plan.calls.allSatisfy { $0.changes == [.noEarlierResult] })
    #expect(plan.unknown == ["read", "add", "keep"])
    #expect(access(chain.work, F_OK) != 0 && access(chain.graph.output, F_OK) != 0)
  }

  @Test func `after a run nothing is left but what failed`() throws {
    let chain = try Chain()
    _ = try chain.graph.run()
    let plan = try chain.graph.makeRun().plan()
    #expect(plan.stages.map(\.cached) == [2, 2, 0])
    // Whether the damaged file can be read this time is not known, so the cohort may be another one.
    #expect(plan.calls.filter { $0.changes != nil }.map(\.stage) == ["read", "add", "keep"])
    #expect(plan.seconds >= 0 && plan.unknown.isEmpty)
  }

  @Test func `each part of a key is named when it changes`() throws {
    let chain = try Chain()
    _ = try chain.graph.run()
    let digest = { (code: String) in KeyChange.plugin(from: "code", to: code) }
    #expect(try changes(Chain(in: chain.graph, code: "new"), "add", "a") == [digest("new")])
    #expect(
      try changes(Chain(in: chain.graph, amount: 5), "add", "a")
        == [.parameter(name: "amount", from: 1, to: 5)])
    let threads = try Chain(in: chain.graph)
    threads.graph.stages[1].threads = 2
    #expect(try changes(threads, "add", "a") == [.threads(from: "1", to: "2")])
    let seed = try Chain(in: chain.graph)
    seed.graph.seed = 9
    #expect(try changes(seed, "read", "a") == [.seed])
    #expect(
      try changes(seed, "add", "a")
        == [.seed, .input(port: "in", stage: "read", changed: 1, added: 0, removed: 0)])
    seed.graph.seed = 0

    let again = try Chain(in: chain.graph)
    try writeFile(chain.graph.folder + "/table", [1, 2, 4])
    #expect(try changes(again, "add", "a") == [.file(parameter: "table")])
    try writeFile(chain.graph.folder + "/table", [1, 2, 3])
    try writeFile(chain.graph.folder + "/in/a", [8])
    #expect(
      try changes(again, "read", "a") == [.sourceFiles(changed: 1, added: 0, removed: 0)])
    #expect(
      try changes(again, "add", "a")
        == [.input(port: "in", stage: "read", changed: 1, added: 0, removed: 0)])
    #expect(
      try changes(again, "keep", nil)
        == [.input(port: "in", stage: "add", changed: 1, added: 1, removed: 0)])
  }

  @Test func `a lost result is told from a changed one`() throws {
    let chain = try Chain()
    _ = try chain.graph.run()
    for file in files(below: chain.work + "/journals") { unlink("\(chain.work)/journals/\(file)") }
    #expect(try changes(chain, "add", "a") == [.lost])
  }

  @Test func `time and bytes are those of the latest run`() throws {
    let chain = try Chain()
    _ = try chain.graph.run()
    let plan = try Chain(in: chain.graph, amount: 2).graph.makeRun().plan()
    let stage = try #require(plan.stages.first { $0.name == "add" })
    #expect(stage.missing == 3)
    #expect(try #require(stage.callBytes) > 8)
    #expect(plan.bytes >= 3 * 8)
    #expect(!plan.isTooLarge)
    var full = plan
    full.freeBytes = plan.bytes - 1
    #expect(full.isTooLarge)
  }
}
