import Glibc
import PonsEngine
import PonsKit
import PonsManifest
import Testing

/// A source that declares what it sends as ground truth.
private func truth() -> TestStage {
  var descriptor = StageDescriptor.test("test.truth", out: [.output("out")], source: true)
  descriptor.outputs[0].isGroundTruth = true
  return TestStage(
    descriptor,
    enumerate: { try $0.addCase(SourceCase(name: "a", isPublic: true)) },
    read: { _, call in try call.send(42) })
}

/// Writes the value into a file; writers may see everything.
private func writer() -> TestStage {
  var descriptor = StageDescriptor.test(
    "test.write", in: [.input("in")], out: [.output("files", "files")])
  descriptor.isTerminal = true
  return TestStage(descriptor) { call in
    let path = "\(try call.scratch())/mask.txt"
    try writeFile(path, Array("value \(try call.value())".utf8))
    let builder = try call.begin("files", caseKey: nil, [])
    try call.seal(
      builder, metadata: ["files": [["name": "mask.txt"]]], sidecar: [:], shapes: [:])
  }
}

/// Reads a file and knows nothing of what it is.
private func reader(_ path: String) -> TestStage {
  TestStage(
    .test("test.read", out: [.output("out")], transient: true, source: true),
    enumerate: { try $0.addCase(SourceCase(name: "b", isPublic: true, files: [path])) },
    read: { _, call in try call.send(try readFile(path).count) })
}

private func copy(_ id: String, isGroundTruth: Bool = false) -> TestStage {
  var descriptor = StageDescriptor.test(id, in: [.input("in")], out: [.output("out")])
  descriptor.inputs[0].isGroundTruth = isGroundTruth
  return TestStage(descriptor) { try $0.send(try $0.value()) }
}

@Suite struct GroundTruthTests {
  /// A graph in whose output folder a file with ground truth lies; another one, to read it.
  private func published() throws -> (graph: TestGraph, file: String) {
    let graph = try TestGraph()
    try graph.add("truth", truth())
    try graph.add("write", writer(), ["in": "truth.out"])
    try graph.declare("mask", "write.files")
    #expect(try graph.run().exitCode == 0)
    let copied = graph.folder + "/drawn-by-nobody"
    try writeFile(copied, try graph.read("a/mask.txt"))
    graph.stages = []
    graph.outputs = []
    // What was published is known everywhere on the site, in other work folders too.
    graph.workName = "other"
    graph.isUnsupervised = true
    return (graph, copied)
  }

  /// read -> shape -> train
  private func train(_ graph: TestGraph, on path: String, isGroundTruth: Bool = false) throws
    -> TestStage
  {
    let last = copy("test.train", isGroundTruth: isGroundTruth)
    try graph.add("read", reader(path))
    try graph.add("shape", copy("test.shape", isGroundTruth: true), ["in": "read.out"])
    try graph.add("train", last, ["in": "shape.out"])
    try graph.declare("model", "train.out")
    return last
  }

  @Test func `a truth mask that was written out and copied stays ground truth`() throws {
    let (graph, file) = try published()
    let last = try train(graph, on: file)
    let plan = try graph.makeRun().plan()
    #expect(plan.stopped?.failure.code == "GROUND_TRUTH")
    let summary = try graph.run()
    guard case .stopped(let stage, let failure) = summary.ending else {
      Issue.record("\(summary.ending)")
      return
    }
    #expect(stage == "train" && failure.code == "GROUND_TRUTH")
    #expect(failure.message.contains("read.out -> shape.out -> train.in"), "\(failure.message)")
    #expect(last.callCount == 0)
    #expect(!graph.exists("b/model.safetensors"))
  }

  @Test func `a result in the store does not hide what it was made of`() throws {
    let (graph, file) = try published()
    let last = try train(graph, on: file)
    graph.isUnsupervised = false
    #expect(try graph.run().exitCode == 0)
    #expect(last.callCount == 1)
    graph.isUnsupervised = true
    guard case .stopped(_, let failure) = try graph.run().ending else {
      Issue.record("not stopped")
      return
    }
    #expect(failure.code == "GROUND_TRUTH")
  }

  @Test func `ports for ground truth take it, and other files pass`() throws {
    let (graph, file) = try published()
    _ = try train(graph, on: file, isGroundTruth: true)
    #expect(try graph.run().exitCode == 0)
    graph.stages = []
    graph.outputs = []
    // The limit of this: other bytes are another file.
    try writeFile(file, Array("value 43".utf8))
    _ = try train(graph, on: file)
    #expect(try graph.run().exitCode == 0)
  }

  @Test func `a truth mask that shows nothing is like any other empty mask`() throws {
    for (value, isStopped) in [(UInt8(0), false), (1, true)] {
      let graph = try TestGraph()
      var descriptor = StageDescriptor.test(
        "test.truth", out: [.output("out", "mask")], source: true)
      descriptor.outputs[0].isGroundTruth = true
      let mask = TestStage(
        descriptor, enumerate: { try $0.addCase(SourceCase(name: "a", isPublic: true)) },
        read: { _, call in
          let builder = try call.begin(
            "out", caseKey: nil,
            [
              TensorRequest("voxels", .uint8, [1, 2, 3]),
              TensorRequest("affine", .float64, [4, 4]),
            ])
          builder.memory("voxels")?.initializeMemory(as: UInt8.self, repeating: value)
          builder.memory("affine")?.withMemoryRebound(to: Double.self) { affine in
            for index in 0..<16 { affine[index] = index % 5 == 0 ? 1 : 0 }
          }
          try call.seal(builder, metadata: ["labels": ["x"]], sidecar: [:], shapes: [:])
        })
      var terminal = StageDescriptor.test(
        "test.write", in: [.input("in", "mask")], out: [.output("files", "files")])
      terminal.isTerminal = true
      let writer = TestStage(terminal) { call in
        try writeFile("\(try call.scratch())/mask.txt", Array("the same".utf8))
        let builder = try call.begin("files", caseKey: nil, [])
        try call.seal(
          builder, metadata: ["files": [["name": "mask.txt"]]], sidecar: [:], shapes: [:])
      }
      try graph.add("truth", mask)
      try graph.add("write", writer, ["in": "truth.out"])
      try graph.declare("mask", "write.files")
      #expect(try graph.run().exitCode == 0)
      let file = graph.folder + "/predicted"
      try writeFile(file, Array("the same".utf8))
      graph.stages = []
      graph.outputs = []
      graph.isUnsupervised = true
      _ = try train(graph, on: file)
      let summary = try graph.run()
      #expect((summary.ending != .completed) == isStopped, "\(value)")
    }
  }

  @Test func `a parameter does not bring ground truth in either`() throws {
    let (graph, file) = try published()
    let stage = TestStage(
      .test(
        "test.table", in: [.input("in")], out: [.output("out")],
        parameters: [ParameterDescriptor("table", .path)])
    ) { try $0.send(1) }
    try graph.add("read", source(["a"]))
    try graph.add("use", stage, ["in": "read.out"], parameters: ["table": .string(file)])
    try graph.declare("value", "use.out")
    guard case .stopped(_, let failure) = try graph.run().ending else {
      Issue.record("not stopped")
      return
    }
    #expect(failure.code == "GROUND_TRUTH")
    #expect(stage.callCount == 0)
  }
}
