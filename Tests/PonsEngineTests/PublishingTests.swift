import Glibc
import PonsEngine
import PonsKit
import Testing

@Suite struct PublishingTests {
  /// A writer that makes files with the given names.
  private func writer(_ names: [String]) -> TestStage {
    TestStage(.test("test.write", in: [.input("in")], out: [.output("out", "files")])) { call in
      let value = try call.value()
      let scratch = try call.scratch()
      for name in names { try writeFile("\(scratch)/\(name)", Array("\(name) \(value)".utf8)) }
      let builder = try call.begin("out", caseKey: nil, [])
      try call.seal(
        builder, metadata: ["files": .array(names.map { ["name": .string($0)] })], sidecar: [:],
        shapes: [:])
    }
  }

  private func graph(_ names: [String], cases: [String] = ["a"]) throws -> TestGraph {
    let graph = try TestGraph()
    try graph.add("read", source(cases))
    try graph.add("write", writer(names), ["in": "read.out"])
    try graph.declare("mask", "write.out")
    return graph
  }

  @Test func `one file gets the name of the output and keeps its ending`() throws {
    let graph = try graph(["volume.nii.gz"])
    #expect(try graph.run().cases.first?.outputs == ["a/mask.nii.gz"])
    #expect(try graph.read("a/mask.nii.gz") == Array("volume.nii.gz 1".utf8))
  }

  @Test func `several files get a folder`() throws {
    let graph = try graph(["1.dcm", "2.dcm"])
    #expect(try graph.run().cases.first?.outputs == ["a/mask/1.dcm", "a/mask/2.dcm"])
  }

  @Test func `a file that somebody changed is moved aside, not overwritten`() throws {
    let graph = try graph(["m.txt"])
    #expect(try graph.run().exitCode == 0)
    let path = graph.output + "/a/mask.txt"
    // Replaced by another file, as most programs save.
    unlink(path)
    try writeFile(path, Array("corrected by hand".utf8))
    #expect(try graph.run().exitCode == 0)
    #expect(try graph.read("a/mask.txt") == Array("m.txt 1".utf8))
    #expect(try graph.read("a/previous/1-mask.txt") == Array("corrected by hand".utf8))
    // Changed in place: the store's copy is the same file, and is not trusted any more.
    usleep(20_000)
    try writeFile(path, Array("corrected in place".utf8))
    let again = try graph.run()
    #expect(again.exitCode == 0)
    #expect(again.stages[1].calls == 1)
    #expect(try graph.read("a/mask.txt") == Array("m.txt 1".utf8))
    #expect(try graph.read("a/previous/2-mask.txt") == Array("corrected in place".utf8))
  }

  @Test func `an old result does not stay beside a case that is refused now`() throws {
    let graph = try graph(["m.txt"], cases: ["a", "b"])
    #expect(try graph.run().exitCode == 0)
    graph.providers["test.write"] = TestStage(
      .test("test.write", in: [.input("in")], out: [.output("out", "files")]), code: "new"
    ) { call in
      if try call.value() == 1 { throw StageFailure(.badInput, code: "BAD", "refused now") }
      let scratch = try call.scratch()
      try writeFile("\(scratch)/m.nii", [1])
      let builder = try call.begin("out", caseKey: nil, [])
      try call.seal(
        builder, metadata: ["files": [["name": "m.nii"]]], sidecar: [:], shapes: [:])
    }
    #expect(try graph.run().exitCode == 3)
    #expect(!graph.exists("a/mask.txt"))
    #expect(try graph.read("a/previous/1-mask.txt") == Array("m.txt 1".utf8))
    // The other case has another ending now; the old file does not stay beside it.
    #expect(graph.exists("b/mask.nii") && !graph.exists("b/mask.txt"))
    #expect(graph.exists("b/previous/1-mask.txt"))
  }

  @Test func `a folder in the way costs its case, not the others`() throws {
    let graph = try graph(["m.txt"], cases: ["a", "b"])
    mkdir(graph.output, 0o777)
    mkdir(graph.output + "/a", 0o777)
    mkdir(graph.output + "/a/mask.txt", 0o777)
    let summary = try graph.run()
    #expect(summary.cases.map(\.status) == [.quarantined, .done])
    #expect(summary.cases.first?.code == "IN_THE_WAY")
  }

  @Test func `case names that may be patient data appear in the private table only`() throws {
    let graph = try TestGraph()
    let name = "DOE^JOHN/1960-01-01"
    let patients = TestStage(
      .test("test.patients", out: [.output("out")], source: true),
      enumerate: { try $0.addCase(SourceCase(name: name, files: [], fingerprint: "x")) },
      read: { _, call in try call.send(1) })
    try graph.add("read", patients)
    try graph.declare("value", "read.out")
    let summary = try graph.run()
    let key = try #require(summary.cases.first?.caseKey)
    #expect(key.hasPrefix("c-") && key.utf8.count == 18)
    #expect(try graph.run().cases.first?.caseKey == key)
    for file in files(below: graph.folder) where !file.hasSuffix("phi/cases.tsv") {
      let content = String(decoding: try readFile("\(graph.folder)/\(file)"), as: UTF8.self)
      #expect(!content.contains("DOE") && !file.contains("DOE"))
    }
    let table = String(decoding: try graph.read("phi/cases.tsv"), as: UTF8.self)
    #expect(table.contains("\(key)\tread\t\(name)"))
    for path in ["\(graph.output)/phi/cases.tsv", graph.folder + "/site.key"] {
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func `public names become good folder names, and stay different`() throws {
    let graph = try TestGraph()
    let names = ["sub-01/flair", "sub-01_flair", "phi", "..", "ä", "x"]
    try graph.add("read", source(names))
    try graph.declare("value", "read.out")
    let summary = try graph.run()
    let keys = Set(summary.cases.map(\.caseKey))
    #expect(keys.count == names.count)
    #expect(keys.contains("x") && keys.contains("sub-01_flair") && !keys.contains("phi"))
    #expect(keys.allSatisfy { !$0.hasPrefix(".") && !$0.contains("/") })
    #expect(summary.exitCode == 0)
  }

  @Test func `a site key that others may read is refused`() throws {
    let graph = try graph(["m.txt"])
    #expect(try graph.run().exitCode == 0)
    chmod(graph.folder + "/site.key", 0o644)
    #expect(throws: StageFailure.self) { try graph.run() }
  }
}
