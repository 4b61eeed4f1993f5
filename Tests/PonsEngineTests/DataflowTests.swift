import Glibc
import PonsEngine
import PonsKit
import Synchronization
import Testing

/// Doubles what comes in.
private func double(_ concurrency: StageConcurrency = .parallel) -> TestStage {
  TestStage(
    .test("test.double", in: [.input("in")], out: [.output("out")], concurrency: concurrency)
  ) { try $0.send(2 * $0.value()) }
}

/// Adds up everything.
private func sum() -> TestStage {
  TestStage(
    .test("test.sum", in: [.input("in", "org.test", .all)], out: [.output("out", "org.test", .one)])
  ) { call in
    try call.send((0..<call.inputCount("in")).reduce(0) { $0 + (try call.value("in", $1)) })
  }
}

/// Adds the run's one packet to each case's.
private func add() -> TestStage {
  TestStage(
    .test(
      "test.add", in: [.input("in"), .input("one", "org.test", .once)], out: [.output("out")])
  ) { try $0.send($0.value("in") + $0.value("one")) }
}

@Suite struct DataflowTests {
  @Test func `cases stream from a source through a stage to declared outputs`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a", "b", "c"]))
    try graph.add("double", double(), ["in": "read.out"])
    try graph.declare("value", "double.out")
    let summary = try graph.run()
    #expect(summary.exitCode == 0)
    #expect(summary.cases.map(\.caseKey) == ["a", "b", "c"])
    #expect(summary.cases.allSatisfy { $0.status == .done })
    #expect(summary.cases[1].outputs == ["b/value.safetensors"])
    let header = try SafetensorsHeader(
      parsing: graph.read("b/value.safetensors").withUnsafeBytes { $0 })
    #expect(header.entry("value")?.shape == [1])
    #expect(try graph.read("b/value.safetensors").suffix(8) == [4, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Who watches a training of an hour should not read that it is call 0 of 0.
  @Test func `that a call over all cases will be made is known before it ends`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a", "b"]))
    let long = TestStage(
      .test(
        "test.long", in: [.input("in", "org.test", .all)], out: [.output("out", "org.test", .one)])
    ) { call in
      for step in 1...5 {
        usleep(50_000)
        _ = call.progress(Double(step) / 5, "")
      }
      try call.send(1)
    }
    try graph.add("sum", long, ["in": "read.out"])
    try graph.declare("total", "sum.out")
    #expect(try graph.run().exitCode == 0)
    let told = graph.events.all.compactMap { event -> String? in
      switch event {
      case .counts("sum", let done, let total, let isTotalFinal) where total > 0 || isTotalFinal:
        "\(done) of \(total)\(isTotalFinal ? "" : "+")"
      case .progress("sum", _, _, _): "under way"
      case .ended("sum", _, _, _): "ended"
      default: nil
      }
    }
    #expect(told.firstIndex(of: "0 of 1") ?? 9 <= told.firstIndex(of: "under way") ?? 0, "\(told)")
    #expect(told.last == "1 of 1")
  }

  @Test(arguments: [1, 2, 5]) func `ALL gathers, ONCE goes to every case again`(jobs: Int) throws {
    let graph = try TestGraph()
    graph.jobs = jobs
    let names = (0..<20).map { "case\($0)" }
    try graph.add("read", source(names))
    try graph.add("sum", sum(), ["in": "read.out"])
    try graph.add("add", add(), ["in": "read.out", "one": "sum.out"])
    try graph.declare("value", "add.out")
    try graph.declare("total", "sum.out")
    let summary = try graph.run()
    #expect(summary.exitCode == 0)
    #expect(summary.outputs == ["total.safetensors"])
    #expect(summary.count(.done) == 20)
    #expect(try graph.read("total.safetensors").suffix(8).first == 210)
    #expect(try graph.read("case7/value.safetensors").suffix(8).first == 218)
  }

  @Test func `two sources join by case key, and a case without partner is an error that names it`()
    throws
  {
    let graph = try TestGraph()
    try graph.add("left", source(["a", "b", "c"]))
    let right = TestStage(
      .test("test.right", out: [.output("out")], source: true),
      enumerate: {
        for name in ["c", "b", "d"] { try $0.addCase(SourceCase(name: name, isPublic: true)) }
      },
      read: { _, call in try call.send(100) })
    try graph.add("right", right)
    let plus = TestStage(
      .test("test.plus", in: [.input("x"), .input("y")], out: [.output("out")])
    ) { try $0.send($0.value("x") + $0.value("y")) }
    try graph.add("plus", plus, ["x": "left.out", "y": "right.out"])
    try graph.declare("value", "plus.out")
    let summary = try graph.run()
    #expect(summary.cases.map(\.status) == [.quarantined, .done, .done, .quarantined])
    #expect(summary.cases[0].code == "MISSING_PARTNER")
    #expect(summary.cases[0].stage == "plus")
    #expect(summary.cases[0].reason?.contains("'y' (from right.out)") == true)
    #expect(summary.cases[3].reason?.contains("'x' (from left.out)") == true)
    #expect(summary.exitCode == 3)
    #expect(try graph.read("c/value.safetensors").suffix(8).first == 103)
  }

  @Test func `a filter removes a case on its own edges only`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a", "b", "c", "d"]))
    let keepLargest = TestStage(
      .test("test.filter", in: [.input("in", "org.test", .all)], out: [.output("out")])
    ) { call in
      for index in 0..<(try call.inputCount("in")) {
        let packet = try call.input("in", index)
        if packet.value > 2 {
          try call.verdict(Verdict(caseKey: packet.caseKey, .keep, score: Double(packet.value)))
          try call.forward(packet, to: "out", caseKey: packet.caseKey)
        } else {
          try call.verdict(
            Verdict(
              caseKey: packet.caseKey, .drop, score: Double(packet.value), rank: 5 - packet.value,
              reason: "too small"))
        }
      }
    }
    try graph.add("filter", keepLargest, ["in": "read.out"])
    try graph.add("sum", sum(), ["in": "filter.out"])
    try graph.add("add", add(), ["in": "read.out", "one": "sum.out"])
    try graph.declare("value", "add.out")
    let summary = try graph.run()
    #expect(summary.count(.done) == 4)
    #expect(summary.cases[0].drops.map(\.stage) == ["filter"])
    #expect(summary.cases[0].drops.first?.verdict.rank == 4)
    #expect(summary.cases[3].drops.isEmpty)
    #expect(summary.stages[2].cohort == 2)
    #expect(try graph.read("a/value.safetensors").suffix(8).first == 8)
    // The same with the filtered edge declared: the removed cases do not reach it.
    try graph.declare("kept", "filter.out")
    let again = try graph.run()
    #expect(again.cases.map(\.status) == [.filtered, .filtered, .done, .done])
    #expect(again.cases[1].reason == "too small")
    #expect(again.exitCode == 0)
  }

  @Test func `a case that fails does not stop the others`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a", "b", "c"]))
    let picky = TestStage(.test("test.picky", in: [.input("in")], out: [.output("out")])) { call in
      if try call.value() == 2 {
        throw StageFailure(.badInput, code: "EVEN", "an even number", hint: "use an odd one")
      }
      try call.send(1)
    }
    try graph.add("picky", picky, ["in": "read.out"])
    try graph.add("double", double(), ["in": "picky.out"])
    try graph.declare("value", "double.out")
    try graph.declare("side", "picky.out")
    let summary = try graph.run()
    #expect(summary.cases.map(\.status) == [.done, .quarantined, .done])
    #expect(summary.cases[1].code == "EVEN")
    #expect(summary.cases[1].stage == "picky")
    #expect(summary.cases[1].hint == "use an odd one")
    #expect(summary.cases[1].outputs.isEmpty)
    #expect(!graph.exists("b"))
    #expect(summary.exitCode == 3)
  }

  @Test func `three INTERNAL failures in a row stop the run and keep what is finished`() throws {
    let graph = try TestGraph()
    graph.jobs = 1
    try graph.add("read", source(["a", "b", "c", "d", "e", "f"]))
    let broken = TestStage(.test("test.broken", in: [.input("in")], out: [.output("out")])) {
      call in
      if try call.value() > 1 { throw TestError(text: "boom") }
      try call.send(1)
    }
    try graph.add("broken", broken, ["in": "read.out"])
    try graph.declare("value", "broken.out")
    let summary = try graph.run()
    #expect(summary.exitCode == 1)
    guard case .stopped(let stage, let failure) = summary.ending else {
      Issue.record("it did not stop")
      return
    }
    #expect(stage == "broken")
    #expect(failure.category == .internal)
    #expect(summary.cases.count == 6)
    #expect(summary.cases[0].status == .done)
    #expect(summary.cases[5].status == .quarantined)
    #expect(summary.cases[5].code == "RUN_STOPPED")
    #expect(graph.exists("a/value.safetensors"))
  }

  @Test func `a stage makes new cases from one`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a", "b"]))
    let split = TestStage(
      .test("test.split", in: [.input("in")], out: [.output("out", "org.test", .newCases)])
    ) { call in
      let value = try call.value()
      for part in 0..<value { try call.send(part, to: "out", caseKey: "t\(part)") }
    }
    try graph.add("split", split, ["in": "read.out"])
    try graph.add("double", double(), ["in": "split.out"])
    try graph.declare("value", "double.out")
    let summary = try graph.run()
    #expect(summary.cases.map(\.caseKey) == ["a", "a-t0", "b", "b-t0", "b-t1"])
    #expect(summary.cases.allSatisfy { $0.status == .done })
    #expect(graph.exists("b-t1/value.safetensors"))
    #expect(summary.exitCode == 0)
  }

  @Test func `an empty cohort is a named error, and exit 4`() throws {
    let graph = try TestGraph()
    try graph.add("read", source([]))
    try graph.add("sum", sum(), ["in": "read.out"])
    try graph.declare("total", "sum.out")
    let summary = try graph.run()
    guard case .stopped("sum", let failure) = summary.ending else {
      Issue.record("it did not stop at sum")
      return
    }
    #expect(failure.code == "COHORT_EMPTY")
    #expect(summary.exitCode == 4)
  }

  @Test func `min_cases and max_quarantined stop a stage that would see too few`() throws {
    for (minimum, maximum, code) in [(3, nil, "COHORT_TOO_SMALL"), (1, 0, "TOO_MANY_QUARANTINED")]
      as [(Int, Int?, String)]
    {
      let graph = try TestGraph()
      try graph.add(
        "read",
        source(["a", "b", "c"]) { name, call in
          if name == "b" { throw StageFailure(.badInput, code: "BAD", "bad") }
          try call.send(1)
        })
      try graph.add(
        "sum", sum(), ["in": "read.out"], minimumCases: minimum, maximumQuarantined: maximum)
      try graph.declare("total", "sum.out")
      let summary = try graph.run()
      guard case .stopped("sum", let failure) = summary.ending else {
        Issue.record("it did not stop at sum")
        continue
      }
      #expect(failure.code == code)
      #expect(!graph.exists("total.safetensors"))
    }
  }

  @Test func `concurrency is as declared`() throws {
    for (concurrency, most) in [(StageConcurrency.perInstance, 1), (.perProcess, 1)] {
      let graph = try TestGraph()
      graph.jobs = 4
      try graph.add("read", source((0..<40).map { "c\($0)" }))
      let stage = double(concurrency)
      try graph.add("one", stage, ["in": "read.out"])
      try graph.add("two", stage, ["in": "one.out"])
      try graph.declare("value", "two.out")
      #expect(try graph.run().exitCode == 0)
      #expect(stage.callCount == 80)
      let seen = stage.calls.withLock { $0.most }
      #expect(concurrency == .perProcess ? seen == most : seen <= 2)
    }
  }

  @Test func `RESOURCE is tried again as often as declared`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a"]))
    let flaky = TestStage(.test("test.flaky", in: [.input("in")], out: [.output("out")])) { _ in
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory")
    }
    try graph.add("flaky", flaky, ["in": "read.out"], retries: 2)
    try graph.declare("value", "flaky.out")
    let summary = try graph.run()
    #expect(flaky.callCount == 3)
    #expect(summary.cases.first?.code == "OUT_OF_MEMORY")
    #expect(summary.exitCode == 4)
  }
}
