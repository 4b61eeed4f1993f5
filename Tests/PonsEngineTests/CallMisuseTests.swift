import PonsEngine
import PonsKit
import Synchronization
import Testing

/// Everything a stage can do wrong in a call ends in an error that names it; nothing is sent on.
@Suite struct CallMisuseTests {
  private func failure(
    out: PortDescriptor = .output("out"), _ body: @escaping @Sendable (any StageCall) throws -> Void
  ) throws -> StageFailure {
    let graph = try TestGraph()
    graph.jobs = 1
    try graph.add("read", source(["a"]))
    let stage = TestStage(.test("test.wrong", in: [.input("in")], out: [out]), process: body)
    try graph.add("wrong", stage, ["in": "read.out"])
    try graph.declare("value", "wrong.out")
    let summary = try graph.run()
    #expect(files(below: graph.output).filter { $0.hasSuffix(".safetensors") }.isEmpty)
    let fate = try #require(summary.cases.first)
    #expect(fate.status == .quarantined)
    return StageFailure(.internal, code: fate.code ?? "", fate.reason ?? "")
  }

  @Test func `forgets to send`() throws {
    let failure = try failure { _ in }
    #expect(failure.code == "INCOMPLETE")
    #expect(failure.message.contains("test.wrong"))
  }

  @Test func `begins and does not seal`() throws {
    #expect(
      try failure { _ = try $0.begin("out", caseKey: nil, [TensorRequest("x", .uint8, [5])]) }.code
        == "INCOMPLETE")
  }

  @Test func `sends twice`() throws {
    #expect(
      try failure {
        try $0.send(1)
        try $0.send(2)
      }.code == "SENT_TWICE")
  }

  @Test func `seals twice`() throws {
    #expect(
      try failure { call in
        let builder = try call.begin("out", caseKey: nil, [])
        try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
        try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
      }.code == "SEALED_TWICE")
  }

  @Test func `sends to a port that is not there`() throws {
    #expect(try failure { try $0.send(1, to: "elsewhere") }.code == "UNKNOWN_PORT")
  }

  @Test func `reads a port that is not there`() throws {
    #expect(try failure { _ = try $0.input("elsewhere", 0) }.code == "UNKNOWN_PORT")
    #expect(try failure { _ = try $0.input("in", 1) }.code == "NO_SUCH_INPUT")
  }

  @Test func `sends for a case that did not come in`() throws {
    #expect(try failure { try $0.send(1, caseKey: "b") }.code == "BAD_CASE")
  }

  @Test func `removes a case and sends it`() throws {
    #expect(
      try failure { call in
        try call.verdict(Verdict(.drop))
        try call.send(1)
      }.code == "INCOMPLETE")
  }

  @Test func `grows a tensor at the end`() throws {
    #expect(
      try failure { call in
        let builder = try call.begin("out", caseKey: nil, [TensorRequest("x", .uint8, [5])])
        try call.seal(builder, metadata: [:], sidecar: [:], shapes: ["x": [6]])
      }.code == "BAD_SHAPE")
  }

  @Test func `asks for more memory than there is`() throws {
    for shape in [[Int.max], [1 << 40, 1 << 40], [-1]] {
      let code = try failure {
        _ = try $0.begin("out", caseKey: nil, [TensorRequest("x", .float64, shape)])
      }.code
      #expect(code == "OUT_OF_MEMORY" || code == "BAD_SHAPE")
    }
  }

  @Test func `sends a volume without affine, or without modality`() throws {
    let port = PortDescriptor.output("out", "volume")
    let voxels = TensorRequest("voxels", .int16, [2, 3, 4])
    #expect(
      try failure(out: port) { call in
        let builder = try call.begin("out", caseKey: nil, [voxels])
        try call.seal(builder, metadata: ["modality": "MR"], sidecar: [:], shapes: [:])
      }.message.contains("affine"))
    #expect(
      try failure(out: port) { call in
        let builder = try call.begin(
          "out", caseKey: nil, [voxels, TensorRequest("affine", .float64, [4, 4])])
        try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
      }.message.contains("modality"))
  }

  @Test func `names tensors badly`() throws {
    for name in ["", "__pad_0", "a/b", "ä"] {
      #expect(
        try failure { _ = try $0.begin("out", caseKey: nil, [TensorRequest(name, .uint8, [1])]) }
          .code == "BAD_TENSOR_NAME")
    }
  }

  @Test func `publishes files outside of scratch`() throws {
    let port = PortDescriptor.output("out", "files")
    for name in ["../x", "/etc/passwd", "", ".hidden", "missing"] {
      #expect(
        try failure(out: port) { call in
          _ = try call.scratch()
          let builder = try call.begin("out", caseKey: nil, [])
          try call.seal(
            builder, metadata: ["files": [["name": .string(name)]]], sidecar: [:], shapes: [:])
        }.code == "BAD_PACKET")
    }
  }

  @Test func `uses its context after the call`() throws {
    let kept = Mutex<(any StageCall)?>(nil)
    _ = try failure { call in
      kept.withLock { $0 = call }
      throw StageFailure(.badInput, "enough")
    }
    let call = try #require(kept.withLock { $0 })
    #expect(call.isCancelled)
    #expect(throws: StageFailure.self) { try call.send(1) }
    #expect(throws: StageFailure.self) { _ = try call.input("in", 0) }
    #expect(throws: StageFailure.self) { _ = try call.scratch() }
    call.log(.info, code: "LATE", "ignored")
  }

  @Test func `a bad parameter at the end of the graph is found before the first case is read`()
    throws
  {
    let graph = try TestGraph()
    let reader = source(["a"])
    try graph.add("read", reader)
    let bad = TestStage(
      .test("test.bad", in: [.input("in")], out: [.output("out")]),
      making: {
        throw StageFailure(.badParameter, code: "NO_MODEL", "no such model", parameter: "model")
      })
    try graph.add("bad", bad, ["in": "read.out"])
    try graph.declare("value", "bad.out")
    let summary = try graph.run()
    guard case .stopped("bad", let failure) = summary.ending else {
      Issue.record("it did not stop at the stage with the bad parameter")
      return
    }
    #expect(failure.parameter == "model")
    #expect(reader.callCount == 0)
    #expect(summary.exitCode == 2)
  }
}
