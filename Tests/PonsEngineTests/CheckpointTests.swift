import Glibc
import PonsEngine
import PonsKit
import Synchronization
import Testing

/// Counts to ten, writes down how far it came, and stops when it is told to.
private final class Counting: Sendable {
  /// Where the calls began.
  let began = Mutex<[Int]>([])
  let folders = Mutex<[String]>([])
  private let stopsAt: Mutex<Int?>
  private let category: StageFailure.Category

  init(stopsAt: Int? = nil, _ category: StageFailure.Category = .resource) {
    self.stopsAt = Mutex(stopsAt)
    self.category = category
  }

  func goOn() { stopsAt.withLock { $0 = nil } }

  func stage() -> TestStage {
    TestStage(
      .test(
        "test.count", in: [.input("in", "org.test", .all)], out: [.output("out", "org.test", .one)])
    ) { call in
      let folder = try call.checkpoints()
      self.folders.withLock { $0.append(folder) }
      let file = "\(folder)/count"
      var count = access(file, R_OK) == 0 ? Int(try readFile(file).first ?? 0) : 0
      self.began.withLock { $0.append(count) }
      while count < 10 {
        count += 1
        try writeFile(file, [UInt8(count)])
        if self.stopsAt.withLock({ $0 }) == count {
          throw StageFailure(self.category, code: "STOPPED", "stopped at \(count)")
        }
      }
      try call.send(count)
    }
  }
}

@Suite struct CheckpointTests {
  private func graph(_ counting: Counting) throws -> TestGraph {
    let graph = try TestGraph()
    try graph.add("read", source(["a"]) { _, call in try call.send(1) })
    try graph.add("count", counting.stage(), ["in": "read.out"])
    try graph.declare("total", "count.out")
    return graph
  }

  @Test func `an interrupted call goes on from its checkpoint, and a finished one leaves none`()
    throws
  {
    let counting = Counting(stopsAt: 7)
    let graph = try graph(counting)
    #expect(try graph.run().exitCode != 0)
    #expect(files(below: "\(graph.folder)/work/checkpoints").contains { $0.hasSuffix("/count") })
    counting.goOn()
    #expect(try graph.run().exitCode == 0)
    #expect(counting.began.withLock { $0 } == [0, 7])
    #expect(try graph.read("total.safetensors").suffix(8).first == 10)
    #expect(entries(of: "\(graph.folder)/work/checkpoints").isEmpty)
  }

  @Test func `another input does not go on from there`() throws {
    let counting = Counting(stopsAt: 7)
    let graph = try graph(counting)
    _ = try graph.run()
    graph.seed = 5
    counting.goOn()
    _ = try graph.run()
    #expect(counting.began.withLock { $0 } == [0, 0])
  }

  @Test func `what fails by itself begins anew`() throws {
    let counting = Counting(stopsAt: 7, .badInput)
    let graph = try graph(counting)
    _ = try graph.run()
    _ = try graph.run()
    #expect(counting.began.withLock { $0 } == [0, 0])
  }

  @Test func `a second run that makes the same call does not write into the first one's folder`()
    throws
  {
    let first = Counting(stopsAt: 7)
    let graph = try graph(first)
    _ = try graph.run()
    let kept = try #require(first.folders.withLock { $0.first })
    let lock = open("\(kept)/.lock", O_RDWR)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0, "a run that is over holds no lock")
    first.goOn()
    #expect(try graph.run().exitCode == 0)
    #expect(first.began.withLock { $0 } == [0, 0])
    #expect(access("\(kept)/count", F_OK) == 0, "the other run's file is still there")
  }
}

/// Everything in a folder.
private func entries(of path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    names.append(
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      })
  }
  return names.filter { $0 != "." && $0 != ".." }
}
