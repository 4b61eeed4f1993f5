import Glibc
import PonsEngine
import PonsKit
import Synchronization
import Testing

@Suite struct MemoryTests {
  static let voxels = 1 << 20

  private func volumes(_ count: Int) -> TestStage {
    source((0..<count).map { "c\(1000 + $0)" }) { name, call in
      let builder = try call.begin(
        "out", caseKey: nil, [TensorRequest("voxels", .uint8, [MemoryTests.voxels])])
      let value = UInt8(truncatingIfNeeded: name.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
      builder.memory("voxels")?.withMemoryRebound(to: UInt8.self) { $0.update(repeating: value) }
      try call.seal(builder, metadata: [:], sidecar: [:], shapes: [:])
    }
  }

  @Test(arguments: [1, 3])
  func `packets that wait for a barrier leave memory, and come back the same`(jobs: Int) throws {
    let graph = try TestGraph()
    graph.jobs = jobs
    graph.memoryBudget = 8 << 20
    try graph.add("read", volumes(60))
    let digest = TestStage(
      .test(
        "test.digest", in: [.input("in", "org.test", .all)],
        out: [.output("out", "org.test", .one)])
    ) { call in
      var total = 0
      for index in 0..<(try call.inputCount("in")) {
        let packet = try call.input("in", index)
        total += packet.withBytes(of: "voxels") { $0?.reduce(0) { $0 + Int($1) } ?? -1 }
      }
      try call.send(total)
    }
    try graph.add("digest", digest, ["in": "read.out"])
    let compare = TestStage(
      .test(
        "test.compare", in: [.input("in"), .input("one", "org.test", .once)], out: [.output("out")])
    ) { call in
      let first = try call.input("in", 0).withBytes(of: "voxels") { bytes in
        let first = try #require(bytes?.first)
        guard bytes?.allSatisfy({ $0 == first }) == true else {
          throw StageFailure(.internal, "the bytes came back changed")
        }
        return first
      }
      try call.send(Int(first) + call.value("one"))
    }
    try graph.add("compare", compare, ["in": "read.out", "one": "digest.out"])
    try graph.declare("value", "compare.out")
    let summary = try graph.run()
    #expect(summary.exitCode == 0)
    #expect(summary.count(.done) == 60)
    #expect(files(below: graph.folder + "/work/tmp").isEmpty)
  }

  @Test func `an ALL stage that walks over its cases many times makes each of them again once`()
    throws
  {
    let graph = try TestGraph()
    graph.memoryBudget = 4 << 20
    for passes in [1, 3] {
      graph.stages = []
      graph.outputs = []
      let reader = volumes(10)
      try graph.add("read", reader)
      let train = TestStage(
        .test(
          "test.train", in: [.input("in", "org.test", .all)],
          out: [.output("out", "org.test", .one)]), code: "passes \(passes)"
      ) { call in
        for _ in 0..<passes {
          for index in 0..<(try call.inputCount("in")) { _ = try call.input("in", index) }
        }
        try call.send(passes)
      }
      try graph.add("train", train, ["in": "read.out"])
      try graph.declare("model", "train.out")
      #expect(try graph.run().exitCode == 0)
      // The second time the reads are known, and only made when the new stage asks for them.
      #expect(reader.callCount == 10)
    }
  }

  @Test func `a pool uses blocks again and counts what is out`() throws {
    let pool = BufferPool(keeping: 64 << 20)
    var seen: Set<UInt> = []
    for _ in 0..<20 {
      let buffer = try pool.buffer(size: 5 << 20)
      seen.insert(UInt(bitPattern: buffer.base))
      #expect(pool.bytesInUse >= 5 << 20)
    }
    #expect(seen.count == 1)
    #expect(pool.allocations == 1)
    #expect(pool.bytesInUse == 0)
  }

  @Test func `results do not depend on the number of jobs`() throws {
    var results: [[String: String]] = []
    for jobs in [1, 2, 7] {
      let graph = try TestGraph()
      graph.jobs = jobs
      graph.seed = 42
      try graph.add("read", source((0..<30).map { "c\($0)" }))
      let random = TestStage(.test("test.random", in: [.input("in")], out: [.output("out")])) {
        call in
        usleep(UInt32(call.seed % 2000))
        try call.send(Int(truncatingIfNeeded: call.seed))
      }
      try graph.add("random", random, ["in": "read.out"])
      let mix = TestStage(
        .test(
          "test.mix", in: [.input("in", "org.test", .all)], out: [.output("out", "org.test", .one)])
      ) { call in
        // Depends on the order.
        try call.send(
          (0..<call.inputCount("in")).reduce(17) { $0 &* 31 &+ (try call.value("in", $1)) })
      }
      try graph.add("mix", mix, ["in": "random.out"])
      try graph.declare("value", "random.out")
      try graph.declare("mixed", "mix.out")
      #expect(try graph.run().exitCode == 0)
      results.append(try graph.fingerprints())
    }
    #expect(results[0].count == 32)
    #expect(results[0] == results[1] && results[1] == results[2])
  }
}
