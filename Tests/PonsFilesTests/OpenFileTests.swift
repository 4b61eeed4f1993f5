import Glibc
import PonsFiles
import PonsKit
import TestFolders
import Testing

@Suite struct OpenFileTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func text(_ file: OpenFile, at offset: Int, _ count: Int) throws -> String {
    var bytes = [UInt8](repeating: 0x2e, count: count)
    let read = try bytes.withUnsafeMutableBytes { try file.read(at: offset, into: $0) }
    return String(decoding: bytes[0..<read], as: UTF8.self)
  }

  @Test func `bytes are read at any place, and no more than there are`() throws {
    let file = try OpenFile(path: folder.write("0123456789", "x"))
    #expect(file.size == 10)
    #expect(try text(file, at: 3, 4) == "3456")
    #expect(try text(file, at: 8, 4) == "89")
    #expect(try text(file, at: 10, 4) == "" && text(file, at: 99, 1) == "")
    #expect(try text(file, at: 0, 0) == "")
  }

  @Test func `reading in order goes on where it ended`() throws {
    let file = try OpenFile(path: folder.write("0123456789", "x"))
    func next(_ count: Int) throws -> String {
      var bytes = [UInt8](repeating: 0, count: count)
      let read = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes[0..<read], as: UTF8.self)
    }
    #expect(try next(3) == "012")
    file.skip(2)
    #expect(try next(3) == "567" && file.position == 8)
    #expect(try next(5) == "89")
    file.rewind()
    #expect(try next(1) == "0")
  }

  @Test func `a file is known again until it changes`() throws {
    let path = try folder.write("same", "x")
    let before = try OpenFile(path: path).identity
    #expect(try OpenFile(path: path).identity == before)
    try folder.write("other and longer", "x")
    #expect(try OpenFile(path: path).identity != before)
    try folder.write("same", "y")
    #expect(try OpenFile(path: folder.path + "y").identity != before)
  }

  @Test(arguments: ["missing", "", "pipe"]) func `what is no file`(name: String) throws {
    mkfifo(folder.path + "pipe", 0o600)
    #expect { _ = try OpenFile(path: folder.path + name) } throws: { error in
      (error as? StageFailure)?.code == "UNREADABLE"
        && (error as? StageFailure)?.category == .badInput
    }
  }
}
