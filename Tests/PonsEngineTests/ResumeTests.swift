import Glibc
import PonsEngine
import PonsKit
import PonsManifest
import Synchronization
import Testing

/// Sends as many bytes as the value says, so that results are large or small.
private func grow(code: String = "code", deterministic: Bool = true) -> TestStage {
  TestStage(
    .test(
      "test.grow", in: [.input("in")], out: [.output("out")], deterministic: deterministic),
    code: code
  ) { call in
    let value = try call.value()
    let builder = try call.begin("out", caseKey: nil, [TensorRequest("value", .int64, [value])])
    builder.memory("value")?.withMemoryRebound(to: Int64.self) {
      $0.update(repeating: Int64(value))
    }
    try call.seal(builder, metadata: ["n": .integer(Int64(value))], sidecar: [:], shapes: [:])
  }
}

private func sum() -> TestStage {
  TestStage(
    .test("test.sum", in: [.input("in", "org.test", .all)], out: [.output("out", "org.test", .one)])
  ) { call in
    try call.send((0..<call.inputCount("in")).reduce(0) { $0 + (try call.value("in", $1)) })
  }
}

/// A source of files in a folder: the value of a case is the file's length.
private func fileSource(_ folder: String, _ names: [String], transient: Bool = true) -> TestStage {
  TestStage(
    .test("test.files", out: [.output("out")], transient: transient, source: true),
    enumerate: { call in
      for name in names {
        try call.addCase(SourceCase(name: name, isPublic: true, files: ["\(folder)/\(name)"]))
      }
    }, read: { name, call in try call.send(readFile("\(folder)/\(name)").count) })
}

/// source -> grow -> sum, with `grow` and `sum` declared; values above 4096 do not fit the journal.
private struct Pipeline {
  let graph: TestGraph
  let read: TestStage
  let grow: TestStage
  let sum: TestStage

  init(
    _ sizes: [String: Int], code: String = "code", transient: Bool = true,
    in graph: TestGraph? = nil
  ) throws {
    self.graph = try graph ?? TestGraph()
    self.graph.stages = []
    self.graph.outputs = []
    mkdir(self.graph.folder + "/in", 0o777)
    for (name, size) in sizes {
      let path = self.graph.folder + "/in/\(name)"
      if (try? readFile(path).count) != size {
        try writeFile(path, [UInt8](repeating: 7, count: size))
      }
    }
    read = fileSource(self.graph.folder + "/in", sizes.keys.sorted(), transient: transient)
    grow = PonsEngineTests.grow(code: code)
    sum = PonsEngineTests.sum()
    try self.graph.add("read", read)
    try self.graph.add("grow", grow, ["in": "read.out"])
    try self.graph.add("sum", sum, ["in": "grow.out"])
    try self.graph.declare("value", "grow.out")
    try self.graph.declare("total", "sum.out")
  }

  var calls: [Int] { [read.callCount, grow.callCount, sum.callCount] }
}

private let sizes = ["a": 10, "b": 9000, "c": 20_000]

@Suite struct ResumeTests {
  @Test(arguments: [true, false]) func `a second run computes nothing and gives the same bytes`(
    transient: Bool
  ) throws {
    let first = try Pipeline(sizes, transient: transient)
    #expect(try first.graph.run().exitCode == 0)
    #expect(first.calls == [3, 3, 1])
    let before = try first.graph.fingerprints()
    let second = try Pipeline(sizes, transient: transient, in: first.graph)
    let summary = try second.graph.run()
    #expect(summary.exitCode == 0)
    #expect(second.calls == [0, 0, 0])
    #expect(summary.stages.map(\.reused) == [3, 3, 1])
    let after = try first.graph.fingerprints()
    #expect(before == after)
  }

  @Test func `another output folder gets everything from the store`() throws {
    let first = try Pipeline(sizes)
    #expect(try first.graph.run().exitCode == 0)
    removeTree(first.graph.output)
    let second = try Pipeline(sizes, in: first.graph)
    #expect(try second.graph.run().exitCode == 0)
    #expect(second.calls == [0, 0, 0])
    #expect(first.graph.exists("c/value.safetensors"))
    #expect(first.graph.exists("total.safetensors"))
  }

  @Test func `one changed byte reruns its case and what depends on it`() throws {
    let first = try Pipeline(sizes)
    #expect(try first.graph.run().exitCode == 0)
    var bytes = try readFile(first.graph.folder + "/in/b")
    bytes[5] = 8
    try writeFile(first.graph.folder + "/in/b", bytes)
    let second = try Pipeline(sizes, in: first.graph)
    #expect(try second.graph.run().exitCode == 0)
    // The sum runs again, for its input is another packet; it needs the others, which come from the store.
    #expect(second.calls == [1, 1, 1])
  }

  @Test func `another plugin, parameter, seed or thread count is another key`() throws {
    let first = try Pipeline(sizes)
    #expect(try first.graph.run().exitCode == 0)
    let code = try Pipeline(sizes, code: "other", in: first.graph)
    #expect(try code.graph.run().exitCode == 0)
    #expect(code.calls == [3, 3, 1])
    let threads = try Pipeline(sizes, in: first.graph)
    threads.graph.stages[1].threads = 2
    #expect(try threads.graph.run().exitCode == 0)
    #expect(threads.grow.callCount == 3)
    let seed = try Pipeline(sizes, in: first.graph)
    seed.graph.seed = 5
    #expect(try seed.graph.run().exitCode == 0)
    #expect(seed.calls == [3, 3, 1])
    seed.graph.seed = 0
  }

  @Test func `a parameter that does not affect results is no part of the key`() throws {
    let descriptor = StageDescriptor.test(
      "test.p", in: [.input("in")], out: [.output("out")],
      parameters: [
        ParameterDescriptor("quiet", .boolean, affectsResult: false),
        ParameterDescriptor("level", .integer),
      ])
    let graph = try TestGraph()
    for (quiet, level, calls) in [(true, 1, 1), (false, 1, 0), (false, 2, 1)] {
      graph.stages = []
      graph.outputs = []
      let stage = TestStage(descriptor) { try $0.send(1) }
      try graph.add("read", source(["a"]))
      try graph.add(
        "p", stage, ["in": "read.out"],
        parameters: ["quiet": .bool(quiet), "level": .integer(Int64(level))])
      try graph.declare("value", "p.out")
      #expect(try graph.run().exitCode == 0)
      #expect(stage.callCount == calls)
    }
  }

  @Test func `damaged and missing packets in the store are computed again`() throws {
    let first = try Pipeline(sizes)
    #expect(try first.graph.run().exitCode == 0)
    let good = try first.graph.fingerprints()
    let work = first.graph.folder + "/work"
    // Every kind of damage to every file of the store, one after the other.
    for file in files(below: work) where file.hasSuffix(".safetensors") || file.hasSuffix("/record")
    {
      for damage in 0..<3 {
        var bytes = try readFile("\(work)/\(file)")
        switch damage {
        case 0: bytes.removeLast(bytes.count / 2)
        case 1: bytes[bytes.count / 2] ^= 1
        default: bytes = []
        }
        // In place, as a bad disk does: the entry keeps its name.
        try writeFile("\(work)/\(file)", bytes)
        removeTree(first.graph.output)
        let again = try Pipeline(sizes, in: first.graph)
        let summary = try again.graph.run()
        #expect(summary.exitCode == 0, "\(file) \(damage)")
        #expect(again.grow.callCount == 1, "\(file) \(damage)")
        #expect(try again.graph.fingerprints() == good)
      }
    }
  }

  @Test func `a journal that was cut off anywhere loses only its end`() throws {
    let first = try Pipeline(["a": 10, "b": 11, "c": 12])
    #expect(try first.graph.run().exitCode == 0)
    let folder = first.graph.folder + "/work/journals"
    let name = try #require(files(below: folder).first)
    let whole = try readFile("\(folder)/\(name)")
    #expect(whole.count > 1000)
    var reruns: Set<Int> = []
    for count in stride(from: 0, through: whole.count, by: 97) {
      for file in files(below: folder) { unlink("\(folder)/\(file)") }
      try writeFile("\(folder)/\(name)", Array(whole[..<count]))
      let again = try Pipeline(["a": 10, "b": 11, "c": 12], in: first.graph)
      #expect(try again.graph.run().exitCode == 0)
      reruns.insert(again.grow.callCount)
    }
    #expect(reruns.isSuperset(of: [0, 3]))
  }

  @Test func `a non-deterministic stage is keyed by what it made`() throws {
    let graph = try TestGraph()
    let counter = Atomic<Int>(0)
    for expected in [1, 0] {
      graph.stages = []
      graph.outputs = []
      let dice = TestStage(
        .test("test.dice", in: [.input("in")], out: [.output("out")], deterministic: false)
      ) { try $0.send(counter.add(1, ordering: .relaxed).newValue) }
      let after = TestStage(.test("test.after", in: [.input("in")], out: [.output("out")])) {
        try $0.send($0.value())
      }
      try graph.add("read", source(["a"]))
      try graph.add("dice", dice, ["in": "read.out"])
      try graph.add("after", after, ["in": "dice.out"])
      try graph.declare("value", "after.out")
      #expect(try graph.run().exitCode == 0)
      #expect(dice.callCount == expected)
      #expect(after.callCount == expected)
    }
  }

  @Test func `two runs at once on one work folder do not harm each other`() throws {
    let first = try Pipeline(sizes)
    let second = try TestGraph()
    let runs = (0..<4).map { _ in first.graph.makeRun() }
    let codes = Mutex<[Int32]>([])
    withExtendedLifetime(second) {
      let threads = runs.map { run in
        TestThread {
          let code = (try? run.start().exitCode) ?? -1
          codes.withLock { $0.append(code) }
        }
      }
      for thread in threads { thread.join() }
    }
    #expect(codes.withLock { $0 } == [0, 0, 0, 0])
    #expect(files(below: first.graph.folder + "/work/tmp").isEmpty)
    #expect(try first.graph.read("c/value.safetensors").count > 160_000)
  }

  @Test func `folders of a killed run are removed, those of a living one are not`() throws {
    let first = try Pipeline(sizes)
    #expect(try first.graph.run().exitCode == 0)
    let folders = [first.graph.folder + "/work/tmp/", first.graph.output + "/.pons-staging-"]
    for (folder, name) in folders.flatMap({ [($0, "dead"), ($0, "alive")] }) {
      mkdir(folder + name, 0o700)
      try writeFile(folder + name + "/lock", [])
      try writeFile(folder + name + "/half", [1, 2, 3])
    }
    let locks = folders.map { open($0 + "alive/lock", O_RDWR) }
    defer { for lock in locks { close(lock) } }
    #expect(locks.allSatisfy { flock($0, LOCK_EX) == 0 })
    #expect(try Pipeline(sizes, in: first.graph).graph.run().exitCode == 0)
    #expect(files(below: first.graph.folder + "/work/tmp") == ["alive/half", "alive/lock"])
    let staging = files(below: first.graph.output).filter { $0.contains("staging") }
    #expect(staging == [".pons-staging-alive/half", ".pons-staging-alive/lock"])
  }

  @Test func `a source file that cannot be read is not named as its patient`() throws {
    let graph = try TestGraph()
    let names = ["DOE_JANE_19601231.nii", "t2_001.nii"]
    mkdir(graph.folder + "/in", 0o777)
    try graph.add("read", fileSource(graph.folder + "/in", names))
    try graph.declare("value", "read.out")
    let reasons = try graph.run().cases.compactMap(\.reason)
    #expect(reasons.count == 2)
    #expect(!reasons.contains { $0.contains("DOE") || $0.contains("1960") }, "\(reasons)")
    #expect(reasons.contains { $0.contains("'t2_001.nii'") }, "\(reasons)")
  }

  @Test func `folders and keys that cannot be made are failures with a hint`() throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a"]))
    try graph.declare("value", "read.out")
    func hint() -> String {
      do {
        _ = try graph.run()
        return "it ran"
      } catch {
        return (error as? StageFailure)?.hint ?? "\(error)"
      }
    }
    let key = graph.folder + "/site.key"
    for (file, word) in [(graph.output, "output"), (graph.folder + "/work", "work")] {
      try writeFile(file, [])
      #expect(hint().contains(word))
      unlink(file)
    }
    unlink(key)
    #expect(mkdir(key, 0o700) == 0)
    #expect(hint().contains("PONS_SITE_KEY"))
    rmdir(key)
    #expect(hint() == "it ran")
  }
}
