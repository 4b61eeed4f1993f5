import DICOM
import Glibc
import PonsKit
import TestFolders
import Testing

/// What a path may stand for: a folder, a file, a DICOMDIR, a list.
@Suite struct FileListTests {
  private let folder: TemporaryFolder
  private let truth = [MadeSlice.voxels(0..<3)]

  init() throws {
    folder = try TemporaryFolder()
    try folder.write((0..<3).map { MadeSlice($0) })
  }

  @Test func `a folder with folders in it`() throws {
    try folder.write(MadeSlice(0, series: "1.2.9").data.file, "deep/er/x")
    #expect(try Outcome(folder.path).volumes.count == 2)
  }

  @Test func `one file`() throws {
    let outcome = try Outcome(folder.path + "im002.dcm")
    #expect(outcome.volumes.map(\.voxels) == [MadeSlice.voxels(1..<2)])
  }

  @Test(arguments: ["\n", "\r\n"]) func `a list of files`(end: String) throws {
    let lines = ["# a comment", "im001.dcm", "", folder.path + "im002.dcm", " im003.dcm "]
    let list = try folder.write(Array(lines.joined(separator: end).utf8), "list.txt")
    #expect(try Outcome(list).volumes.map(\.voxels) == truth)
  }

  @Test func `a list with a file that is not there`() throws {
    let list = try folder.write(Array("im001.dcm\nim007.dcm\n".utf8), "list.txt")
    let outcome = try Outcome(list)
    #expect(outcome.codes == ["UNREADABLE"])
    #expect(outcome.refusals.first?.message.contains("im007.dcm") == true)
  }

  @Test func `a text that is no list`() throws {
    let text = try folder.write(Array("Dear colleague,\nthank you.\n".utf8), "letter.txt")
    let failure = failure { _ = try Outcome(text) }
    #expect(failure?.category == .badParameter && failure?.parameter == "path")
  }

  @Test func `nothing`() {
    let failure = failure { _ = try Outcome(folder.path + "not-there") }
    #expect(failure?.category == .badParameter && failure?.code == "NOT_FOUND")
  }

  @Test func `a DICOMDIR`() throws {
    func record(_ name: String) -> DICOMBytes {
      var record = DICOMBytes()
      record[0x0004_1430] = .text("CS", "IMAGE")
      record[0x0004_1500] = .text("CS", name)
      return record
    }
    // On media names are in upper case, and become lower case when they are copied.
    var directory = DICOMBytes()
    directory[0x0004_1220] = .items([record("A\\IM1"), record("A\\IM2")])
    let path = try folder.write(directory.file, "DICOMDIR")
    try folder.write(MadeSlice(0, series: "1.2.9").data.file, "a/im1")
    try folder.write(MadeSlice(1, series: "1.2.9").data.file, "A/IM2")
    #expect(try Outcome(path).volumes.map(\.voxels) == [MadeSlice.voxels(0..<2)])
    let all = try Outcome(folder.path)
    #expect(all.volumes.count == 2 && all.skipped == ["DICOMDIR": 1])
  }

  @Test func `pipes are passed over, and links followed once`() throws {
    mkfifo(folder.path + "im004.dcm", 0o600)
    symlink(folder.path, folder.path + "loop")
    symlink(folder.path + "im001.dcm", folder.path + "again.dcm")
    let outcome = try Outcome(folder.path)
    #expect(outcome.volumes.map(\.voxels) == truth && outcome.duplicates == 1)
    #expect(outcome.skipped == ["NO_REGULAR_FILE": 1, "FOLDER_SEEN_BEFORE": 1])
  }

  @Test func `a link that leads nowhere may be a lost slice`() throws {
    symlink("/nowhere/at/all", folder.path + "im004.dcm")
    #expect(try Outcome(folder.path).codes == ["UNREADABLE"])
  }

  @Test func `a name that is not UTF-8 may be a lost slice`() throws {
    let name = Array((folder.path + "im").utf8) + [0xfc] + Array(".dcm".utf8) + [0]
    let file = name.map { CChar(bitPattern: $0) }
    let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    close(descriptor)
    #expect(try Outcome(folder.path).codes == ["NAME_NOT_UTF8"])
  }
}
