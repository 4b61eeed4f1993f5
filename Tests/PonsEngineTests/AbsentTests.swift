import PonsEngine
import PonsKit
import Synchronization
import Testing

/// Lets go of `b` with a score, fails with `c`, does not choose `d`.
private func sorter(code: String = "code", reason: String = "too small") -> TestStage {
  TestStage(.test("test.sorter", in: [.input("in")], out: [.output("out")]), code: code) { call in
    switch try call.value() {
    case 2: try call.verdict(Verdict(.drop, score: 0.25, rank: 7, reason: reason))
    case 3: throw StageFailure(.badInput, code: "TORN", "it is torn")
    case 4: try call.verdict(Verdict(.notSelected, reason: "another one is newer"))
    default: try call.send(1)
    }
  }
}

/// Adds up what came, and writes down who did not.
private final class Register: Sendable {
  let absent = Mutex<[Absence]>([])

  func stage(unjoined: Bool = false, asking: Bool = true) -> TestStage {
    var port = PortDescriptor.input("in", "org.test", .all, unjoined: unjoined)
    port.asksForAbsent = asking
    return TestStage(
      .test(
        "test.register", in: [.input("other", "org.test", .all, optional: true), port],
        out: [.output("out", "org.test", .one)])
    ) { call in
      let absent = try call.absent("in")
      self.absent.withLock { $0 = absent }
      try call.send(call.inputCount("in"))
    }
  }
}

@Suite struct AbsentTests {
  private func graph(
    _ register: TestStage, cases: [String] = ["a", "b", "c", "d"], sorter: TestStage = sorter(),
    isPartner: Bool = false, in folder: TestGraph? = nil
  ) throws -> TestGraph {
    let graph = try folder ?? TestGraph()
    graph.stages = []
    graph.outputs = []
    // The value of a case is its letter's place in the alphabet.
    try graph.add(
      "read",
      source(cases) { name, call in
        try call.send(Int(name.unicodeScalars.first?.value ?? 97) - 96)
      })
    try graph.add("sort", sorter, ["in": "read.out"])
    try graph.add(
      "list", register,
      isPartner ? ["other": "read.out", "in": "sort.out"] : ["in": "sort.out"])
    try graph.declare("total", "list.out")
    return graph
  }

  @Test(arguments: [false, true]) func `a stage that asks is told who is absent and why`(
    unjoined: Bool
  ) throws {
    let register = Register()
    let graph = try graph(register.stage(unjoined: unjoined), isPartner: unjoined)
    let summary = try graph.run()
    #expect(summary.exitCode == 3, "one case failed")
    #expect(try graph.read("total.safetensors").suffix(8).first == 1)
    #expect(
      register.absent.withLock { $0 } == [
        Absence(
          caseKey: "b", .filtered, stage: "sort", code: "FILTERED", reason: "too small",
          score: 0.25, rank: 7),
        Absence(caseKey: "c", .quarantined, stage: "sort", code: "TORN", reason: "it is torn"),
        Absence(
          caseKey: "d", .notSelected, stage: "sort", code: "NOT_SELECTED",
          reason: "another one is newer"),
      ])
  }

  @Test func `a stage that asks is called when nobody came`() throws {
    let register = Register()
    let summary = try graph(register.stage(), cases: ["b", "d"]).run()
    #expect(register.absent.withLock { $0.map(\.caseKey) } == ["b", "d"])
    #expect(summary.outputs == ["total.safetensors"])
    let silent = TestStage(
      .test(
        "test.count", in: [.input("in", "org.test", .all)], out: [.output("out", "org.test", .one)])
    ) { try $0.send($0.inputCount("in")) }
    let halted = try graph(silent, cases: ["b", "d"]).run()
    #expect(halted.outputs.isEmpty)
    #expect(silent.callCount == 0)
  }

  @Test func `what is told is part of the key, and nothing else of those who are absent`() throws {
    // No packet comes in: only the reasons can make a difference.
    let graph = try graph(Register().stage(), cases: ["b"])
    _ = try graph.run()
    let same = Register().stage()
    _ = try self.graph(same, cases: ["b"], sorter: sorter(code: "another"), in: graph).run()
    #expect(same.callCount == 0)
    let register = Register()
    let stage = register.stage()
    let other = sorter(code: "a third", reason: "much too small")
    _ = try self.graph(stage, cases: ["b"], sorter: other, in: graph).run()
    #expect(stage.callCount == 1)
    #expect(register.absent.withLock { $0.first?.reason } == "much too small")
  }

  @Test func `a port that does not ask is told nothing`() throws {
    let register = Register()
    let summary = try graph(register.stage(asking: false)).run()
    guard case .stopped("list", let failure) = summary.ending else {
      Issue.record("the run went on")
      return
    }
    #expect(failure.code == "NOT_ASKING")
  }
}
