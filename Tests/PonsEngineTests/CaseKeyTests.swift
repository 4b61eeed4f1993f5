import Glibc
import PonsEngine
import PonsKit
import Testing

/// Packets that a stage sends under keys of other cases.
@Suite struct CaseKeyTests {
  private static let keyed = PortDescriptor(
    name: "out", kind: "org.test", flow: .output(.newCases), sendsCaseKeys: true)

  /// Gives every case the key that a table has for it.
  private func rename(_ table: [String: String], transient: Bool = true) -> TestStage {
    TestStage(
      .test("test.rename", in: [.input("in")], out: [Self.keyed], transient: transient)
    ) { call in
      let packet = try call.input("in", 0)
      guard let key = packet.caseKey.flatMap({ table[$0] }) else {
        throw StageFailure(.badInput, code: "NOT_IN_TABLE", "not in the table")
      }
      try call.forward(packet, to: "out", caseKey: key)
    }
  }

  private func other(_ names: [String], isPublic: Bool = true) -> TestStage {
    TestStage(
      .test("test.other", out: [.output("out")], transient: true, source: true),
      enumerate: { call in
        for name in names { try call.addCase(SourceCase(name: name, isPublic: isPublic)) }
      }, read: { _, call in try call.send(100) })
  }

  private func add(code: String = "code") -> TestStage {
    TestStage(
      .test("test.add", in: [.input("a"), .input("b")], out: [.output("out")]), code: code
    ) { call in
      guard try call.input("b", 0).caseKey == call.input("a", 0).caseKey else {
        throw StageFailure(.internal, "a packet kept the key that it came with")
      }
      try call.send(call.value("a") + call.value("b"))
    }
  }

  private func fill(
    _ graph: TestGraph, images: [String] = ["a", "b"], drawn: [String] = ["x", "y"],
    table: [String: String] = ["x": "b", "y": "a"], transient: Bool = true, code: String = "code"
  ) throws {
    graph.stages = []
    graph.outputs = []
    try graph.add("images", other(images))
    try graph.add("drawn", source(drawn))
    try graph.add("rename", rename(table, transient: transient), ["in": "drawn.out"])
    try graph.add("add", add(code: code), ["a": "images.out", "b": "rename.out"])
    try graph.declare("sum", "add.out")
  }

  @Test(arguments: [true, false])
  func `a packet meets the case whose key it gets, also when it comes from the store`(
    transient: Bool
  ) throws {
    let graph = try TestGraph()
    try fill(graph, transient: transient)
    let summary = try graph.run()
    #expect(summary.cases.map(\.caseKey) == ["a", "b", "x", "y"])
    #expect(summary.cases.allSatisfy { $0.status == .done })
    #expect(summary.cases.map(\.continuesAs) == [[], [], ["b"], ["a"]])
    #expect(summary.cases.map(\.outputs.count) == [1, 1, 0, 0])
    let sums = try ["a", "b"].map { try graph.fingerprints()["\($0)/sum.safetensors"] }
    #expect(sums[0] != nil && sums[1] != nil && sums[0] != sums[1])
    // The joining stage changed: what was renamed is made again, or read back.
    try fill(graph, transient: transient, code: "changed")
    let again = try graph.run()
    #expect(again.exitCode == 0)
    #expect(again.stages.first { $0.name == "rename" }?.reused == 2)
    #expect(again.stages.first { $0.name == "add" }?.calls == 2)
    #expect(again.cases.map(\.continuesAs) == summary.cases.map(\.continuesAs))
  }

  @Test func `every case is accounted for: without a line, without a partner`() throws {
    let graph = try TestGraph()
    try fill(graph, drawn: ["x", "y", "z"], table: ["x": "b", "z": "nobody"])
    let summary = try graph.run()
    let found = summary.cases.map { "\($0.caseKey) \($0.code ?? $0.status.rawValue)" }
    #expect(
      found == [
        "a MISSING_PARTNER", "b done", "nobody MISSING_PARTNER", "x done", "y NOT_IN_TABLE",
        "z done",
      ])
    #expect(summary.exitCode == 3)
  }

  @Test func `two cases under one key are an error of that key, whichever came first`() throws {
    for jobs in [1, 4] {
      let graph = try TestGraph()
      graph.jobs = jobs
      try fill(graph, table: ["x": "a", "y": "a"])
      let summary = try graph.run()
      #expect(summary.cases.first { $0.caseKey == "a" }?.code == "DUPLICATE_CASE")
      #expect(summary.exitCode == 4, "x and y only go on as a")
    }
  }

  @Test func `a name gives the key that its source's case has`() throws {
    let graph = try TestGraph()
    try graph.add("images", other(["/hospital/patient", "second"], isPublic: false))
    try graph.add("drawn", source(["x"]))
    let rename = TestStage(.test("test.name", in: [.input("in")], out: [Self.keyed])) { call in
      let key = try call.caseKey(of: "/hospital/patient", isPublic: false)
      guard try call.caseKey(of: "a b", isPublic: true).hasPrefix("a_b-") else {
        throw StageFailure(.internal, "a public name is not cleaned")
      }
      try call.forward(call.input("in", 0), to: "out", caseKey: key)
    }
    try graph.add("rename", rename, ["in": "drawn.out"])
    try graph.add("add", add(), ["a": "images.out", "b": "rename.out"])
    try graph.declare("sum", "add.out")
    let summary = try graph.run()
    #expect(summary.count(.done) == 1 && summary.cases.count(where: \.isContinued) == 1)
    #expect(summary.cases.filter { $0.code == "MISSING_PARTNER" }.count == 1)
    #expect(!summary.json.canonical.contains("hospital"))
  }

  @Test func `what is no key, and who may not ask for keys`() throws {
    func failure(_ body: @escaping @Sendable (any StageCall) throws -> Void, keys: Bool = true)
      throws -> String?
    {
      let graph = try TestGraph()
      try graph.add("drawn", source(["x"]))
      let port = keys ? Self.keyed : .output("out", "org.test", .newCases)
      try graph.add(
        "bad", TestStage(.test("test.bad", in: [.input("in")], out: [port]), process: body),
        ["in": "drawn.out"])
      try graph.declare("value", "bad.out")
      return try graph.run().cases.first?.code
    }
    for key in ["", "../x", "a/b", "summary.json", ".hidden"] {
      #expect(
        try failure { try $0.forward($0.input("in", 0), to: "out", caseKey: key) }
          == "BAD_CASE", "\(key)")
    }
    #expect(try failure { try $0.send(1, to: "out") } == "BAD_CASE")
    #expect(try failure { _ = try $0.caseKey(of: "", isPublic: true) } == "BAD_CASE")
    #expect(
      try failure({ _ = try $0.caseKey(of: "a", isPublic: true) }, keys: false) == "NO_CASE_KEYS")
    #expect(
      try failure({ try $0.forward($0.input("in", 0), to: "out", caseKey: "t") }, keys: false)
        == "BAD_FORWARD")
  }

  /// The parameter names the file itself, or a folder above it.
  @Test(arguments: ["table.csv", "models"])
  func `the content of what a parameter names decides whether a result is used again`(name: String)
    throws
  {
    let graph = try TestGraph()
    let named = graph.folder + "/" + name
    let table = name == "models" ? named + "/one/weights" : named
    if name == "models" {
      mkdir(named, 0o777)
      mkdir(named + "/one", 0o777)
    }
    let stage = TestStage(
      .test(
        "test.table", in: [.input("in")], out: [.output("out")],
        parameters: [ParameterDescriptor("table", .path)])
    ) {
      // People may tell it about cases by their names.
      if try $0.caseKey(of: "a", isPublic: true) != "a" { throw StageFailure(.internal, "no key") }
      try $0.send(try readFile(table).count)
    }
    for (content, calls) in [([1, 2], 1), ([1, 2], 1), ([2, 1], 2), ([1, 2], 2)]
      as [([UInt8], Int)]
    {
      try writeFile(table, content)
      graph.stages = []
      graph.outputs = []
      try graph.add("read", source(["a"]))
      try graph.add("look", stage, ["in": "read.out"], parameters: ["table": .string(named)])
      try graph.declare("value", "look.out")
      #expect(try graph.run().exitCode == 0)
      #expect(stage.callCount == calls)
    }
  }
}
