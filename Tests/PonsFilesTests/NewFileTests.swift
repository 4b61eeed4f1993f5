import Glibc
import PonsFiles
import PonsKit
import TestFolders
import Testing

@Suite struct NewFileTests {
  @Test func `bytes are written one after the other`() throws {
    let folder = try TemporaryFolder()
    let file = try NewFile(path: folder.path + "x")
    for text in ["one, ", "", "two"] {
      try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    }
    try file.close()
    let written = try OpenFile(path: folder.path + "x")
    var bytes = [UInt8](repeating: 0, count: written.size)
    let count = try bytes.withUnsafeMutableBytes { try written.read(at: 0, into: $0) }
    #expect(String(decoding: bytes[0..<count], as: UTF8.self) == "one, two")
  }

  @Test func `what was there is replaced`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("much longer than before", "x")
    try NewFile(path: path).close()
    #expect(try OpenFile(path: path).size == 0)
  }

  @Test func `a folder that is not there is an error of the disk`() {
    #expect { _ = try NewFile(path: "/not/there/x") } throws: { error in
      (error as? StageFailure)?.category == .resource
        && (error as? StageFailure)?.code == "IO_ERROR"
    }
  }

  @Test func `a full disk has a code of its own`() throws {
    let file = try NewFile(path: "/dev/full")
    #expect {
      try Array("x".utf8).withUnsafeBytes { try file.write($0) }
    } throws: { error in
      (error as? StageFailure)?.code == "DISK_FULL"
    }
  }
}
