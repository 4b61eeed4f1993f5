import Glibc
import PonsFiles
import PonsKit
import TestFolders
import Testing

@Suite struct FolderWalkTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func walk() throws -> FolderWalk {
    var walk = FolderWalk()
    try walk.search(String(folder.path.dropLast()))
    return walk
  }

  @Test func `files are listed folder by folder, each sorted by name`() throws {
    for name in ["b.txt", "a.txt", "sub/2", "sub/1", "sub/deep/x", ".hidden", "sub/.DS_Store"] {
      try folder.write("", name)
    }
    let walk = try walk()
    #expect(walk.files.map(\.relative) == ["a.txt", "b.txt", "sub/1", "sub/2", "sub/deep/x"])
    #expect(walk.files.map(\.path) == walk.files.map { folder.path + $0.relative })
    #expect(walk.skipped == [.hidden: 2])
  }

  @Test func `an empty folder has no files`() throws {
    let walk = try walk()
    #expect(walk.files.isEmpty && walk.skipped.isEmpty)
  }

  @Test func `a folder that is not there is an error about the parameter`() {
    var walk = FolderWalk()
    #expect { try walk.search("/not/there") } throws: { error in
      (error as? StageFailure)?.category == .badParameter
        && (error as? StageFailure)?.parameter == "path"
    }
  }

  @Test func `every folder is searched once, and known by its own name`() throws {
    try folder.write("", "real/x")
    symlink(folder.path, folder.path + "real/up")
    symlink(folder.path + "real", folder.path + "alias")
    let walk = try walk()
    #expect(walk.files.map(\.relative) == ["real/x"])
    #expect(walk.skipped == [.seenBefore: 2])
  }

  @Test func `links to folders outside are followed`() throws {
    let other = try TemporaryFolder()
    try other.write("", "y")
    symlink(other.path, folder.path + "link")
    let walk = try walk()
    #expect(walk.files.map(\.relative) == ["link/y"])
  }

  @Test func `links to files are files, also those that lead nowhere`() throws {
    try folder.write("", "x")
    symlink(folder.path + "x", folder.path + "same")
    symlink("/nowhere/at/all", folder.path + "gone")
    #expect(try walk().files.map(\.relative) == ["gone", "same", "x"])
  }

  @Test func `pipes and sockets are passed over and counted`() throws {
    mkfifo(folder.path + "pipe", 0o600)
    symlink(folder.path + "pipe", folder.path + "link")
    symlink("/dev/null", folder.path + "device")
    let walk = try walk()
    #expect(walk.files.isEmpty && walk.skipped == [.noFile: 3])
  }

  @Test func `names that are not UTF-8 are counted, and files told`() throws {
    let name = Array((folder.path + "M").utf8) + [0xfc] + Array("ller.dcm".utf8) + [0]
    let descriptor = open(name.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    close(descriptor)
    let walk = try walk()
    #expect(walk.files.isEmpty && walk.skipped == [.nameNotUTF8: 1])
    #expect(walk.misnamed.map(\.relative) == ["M\u{fffd}ller.dcm"])
  }

  @Test func `deep folders are no danger`() throws {
    var name = ""
    for _ in 0..<400 { name += "d/" }
    try folder.write("", name + "x")
    #expect(try walk().files.map(\.relative) == [name + "x"])
  }

  @Test func `single files and folders can be added`() throws {
    try folder.write("", "sub/1")
    let file = try folder.write("", "x")
    var walk = FolderWalk()
    try walk.add(file, relative: "x")
    try walk.add(folder.path + "sub", relative: "sub")
    #expect(walk.files.map(\.relative) == ["x", "sub/1"])
  }

  @Test func `every reason has words`() {
    #expect(
      WalkSkip.allCases.allSatisfy { !$0.text.isEmpty && $0.rawValue == $0.rawValue.uppercased() })
  }
}
