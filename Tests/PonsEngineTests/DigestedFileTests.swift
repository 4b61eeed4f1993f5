import Glibc
import PonsEngine
import PonsKit
import Synchronization
import Testing

/// Files that the engine writes for stages, with the digest of what it has written.
@Suite struct DigestedFileTests {
  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  private static func digest(_ bytes: [UInt8]) throws -> String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return try hash.finish()
  }

  private static func write(
    _ pieces: [[UInt8]], to path: String, threads: Int, isCancelled: Bool = false
  ) throws -> DigestedFile {
    let memory = pieces.map { piece in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 64)
      copy.copyBytes(from: piece)
      return UnsafeRawBufferPointer(copy)
    }
    defer { for piece in memory { piece.deallocate() } }
    return try DigestedFile(writing: memory, to: path, threads: threads) { isCancelled }
  }

  private static func status(_ path: String) -> stat {
    var status = stat()
    lstat(path, &status)
    return status
  }

  @Test(
    arguments: [[], [0], [1], [352, 5], [0, 300_000, 0], [352, 3_000_000], [2_000_000]], [1, 2])
  func `holds the pieces, and knows their digest`(sizes: [Int], threads: Int) throws {
    let folder = try TestGraph()
    let path = folder.folder + "/file"
    let pieces = sizes.map(Self.bytes)
    let file = try Self.write(pieces, to: path, threads: threads)
    let written = try readFile(path)
    #expect(written == Array(pieces.joined()))
    #expect(try file.digest(of: Self.status(path)) == Self.digest(written))
  }

  @Test(arguments: [1, 2]) func `knows nothing of a file that was changed`(threads: Int) throws {
    let folder = try TestGraph()
    let path = folder.folder + "/file"
    let file = try Self.write([Self.bytes(2_000_000)], to: path, threads: threads)
    // Times of files are as coarse as the kernel's clock.
    usleep(20_000)
    let descriptor = open(path, O_WRONLY)
    #expect(pwrite(descriptor, "x", 1, 1000) == 1)
    close(descriptor)
    #expect(file.digest(of: Self.status(path)) == nil)
  }

  @Test(arguments: [1, 2]) func `leaves nothing when it is cancelled`(threads: Int) throws {
    let folder = try TestGraph()
    let path = folder.folder + "/file"
    #expect(throws: StageFailure.self) {
      _ = try Self.write([Self.bytes(2_000_000)], to: path, threads: threads, isCancelled: true)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `does not touch a file that is there`() throws {
    let folder = try TestGraph()
    let path = folder.folder + "/file"
    _ = try Self.write([[1, 2, 3]], to: path, threads: 1)
    #expect(throws: StageFailure.self) { _ = try Self.write([[4]], to: path, threads: 1) }
    #expect(try readFile(path) == [1, 2, 3])
  }

  // MARK: From a stage

  private final class Said: Sendable {
    let digest = Mutex<String?>(nil)
  }

  /// Writes a file, changes it perhaps, and sends it; what it is said to be arrives at the next stage.
  private func sent(changed: Bool) throws -> (said: String?, content: [UInt8]) {
    let graph = try TestGraph()
    try graph.add("read", source(["a"]))
    let writer = TestStage(.test("test.write", in: [.input("in")], out: [.output("out", "files")]))
    {
      call in
      let bytes = Self.bytes(1_500_000)
      try bytes.withUnsafeBytes { try call.writeFile("v.bin", [$0]) }
      if changed {
        usleep(20_000)
        let descriptor = open("\(try call.scratch())/v.bin", O_WRONLY)
        #expect(pwrite(descriptor, "x", 1, 1000) == 1)
        close(descriptor)
      }
      let builder = try call.begin("out", caseKey: nil, [])
      try call.seal(builder, metadata: ["files": [["name": "v.bin"]]], sidecar: [:], shapes: [:])
    }
    let said = Said()
    let reader = TestStage(.test("test.see", in: [.input("in", "files")], out: [.output("out")])) {
      call in
      let metadata = try JSON(parsing: try call.input("in", 0).metadata)
      let digest = metadata["files"]?.array?.first?["sha256"]?.string
      said.digest.withLock { $0 = digest }
      try call.send(1)
    }
    try graph.add("write", writer, ["in": "read.out"])
    try graph.add("see", reader, ["in": "write.out"])
    try graph.declare("file", "write.out")
    try graph.declare("seen", "see.out")
    #expect(try graph.run().exitCode == 0)
    return (said.digest.withLock { $0 }, try graph.read("a/file.bin"))
  }

  @Test(arguments: [false, true]) func `the digest is that of the file`(changed: Bool) throws {
    let (said, content) = try sent(changed: changed)
    #expect(try said == Self.digest(content))
    #expect((content == Self.bytes(1_500_000)) == !changed)
  }

  @Test(arguments: ["", "a/b", "../a", ".a"]) func `names have no folders`(name: String) throws {
    let graph = try TestGraph()
    try graph.add("read", source(["a"]))
    let writer = TestStage(.test("test.write", in: [.input("in")], out: [.output("out")])) { call in
      try call.writeFile(name, [])
      try call.send(1)
    }
    try graph.add("write", writer, ["in": "read.out"])
    try graph.declare("out", "write.out")
    #expect(try graph.run().exitCode != 0)
  }
}
