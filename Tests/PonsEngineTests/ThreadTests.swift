import PonsEngine
import PonsKit
import Synchronization
import Testing

@Suite struct ThreadTests {
  /// Notes the threads that each call got.
  private func noting(_ threads: NotedThreads, anyThreads: Bool) -> TestStage {
    TestStage(
      .test("test.note", in: [.input("in")], out: [.output("out")], anyThreads: anyThreads)
    ) { call in
      threads.note(call.threads)
      try call.send(call.value())
    }
  }

  private func run(jobs: Int, anyThreads: Bool, threads: Int?, in graph: TestGraph) throws -> [Int]
  {
    let noted = NotedThreads()
    graph.jobs = jobs
    graph.stages = []
    graph.outputs = []
    try graph.add("read", source(["a"]))
    try graph.add(
      "note", noting(noted, anyThreads: anyThreads), ["in": "read.out"], threads: threads)
    try graph.declare("value", "note.out")
    #expect(try graph.run().exitCode == 0)
    return noted.all
  }

  @Test func `a stage that does not mind gets the threads that are free, up to its limit`() throws {
    #expect(try run(jobs: 3, anyThreads: true, threads: 8, in: TestGraph()) == [3])
    #expect(try run(jobs: 3, anyThreads: true, threads: 2, in: TestGraph()) == [2])
    #expect(try run(jobs: 1, anyThreads: true, threads: 8, in: TestGraph()) == [1])
    // All others get what the graph says, whatever the jobs: their results may depend on it.
    #expect(try run(jobs: 1, anyThreads: false, threads: 8, in: TestGraph()) == [8])
  }

  @Test func `its results are used again with another number of threads`() throws {
    let graph = try TestGraph()
    #expect(try run(jobs: 3, anyThreads: true, threads: 8, in: graph).count == 1)
    #expect(try run(jobs: 1, anyThreads: true, threads: 2, in: graph).isEmpty)
    let other = try TestGraph()
    #expect(try run(jobs: 1, anyThreads: false, threads: 1, in: other).count == 1)
    #expect(try run(jobs: 1, anyThreads: false, threads: 2, in: other).count == 1)
  }

  @Test func `digests of many files do not depend on who computes them`() throws {
    let graph = try TestGraph()
    var files: [String] = []
    for number in 0..<40 {
      files.append("\(graph.folder)/file\(number)")
      try writeFile(files[number], Array("content \(number)".utf8))
    }
    let paths = files
    let stage = TestStage(
      .test("test.files", out: [.output("out")], anyThreads: true, source: true),
      enumerate: { try $0.addCase(SourceCase(name: "a", isPublic: true, files: paths)) },
      read: { _, call in try call.send(1) })
    try graph.add("read", stage, threads: 4)
    try graph.declare("value", "read.out")
    graph.jobs = 1
    #expect(try graph.run().stages[0].reused == 0)
    graph.jobs = 4
    #expect(try graph.run().stages[0].reused == 1)
    #expect(stage.callCount == 1)
  }
}

private final class NotedThreads: Sendable {
  private let list = Mutex<[Int]>([])
  func note(_ threads: Int) { list.withLock { $0.append(threads) } }
  var all: [Int] { list.withLock { $0 } }
}
