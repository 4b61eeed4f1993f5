import Glibc
import NIfTI
import PonsKit
import TestFolders
import Testing

@Suite struct FileFinderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func names(_ path: String = "") throws -> [String] {
    try FileFinder.find(folder.path + path).images.map(\.name)
  }

  @Test func `folders are searched with everything below`() throws {
    for name in ["a.nii", "b/c.nii.gz", "b/d/e.NII.GZ", "b/d/f.hdr", "b/d/f.img", "readme.txt"] {
      try folder.write([1], name)
    }
    #expect(try names() == ["a", "b/c", "b/d/e", "b/d/f"])
    let found = try FileFinder.find(folder.path)
    #expect(found.skipped == [.notNIfTI: 1])
    #expect(found.images.last?.files.voxels?.hasSuffix("/b/d/f.img") == true)
    // The same with and without a slash at the end, so that names agree.
    #expect(try FileFinder.find(String(folder.path.dropLast())).images.map(\.name) == names())
  }

  @Test func `a single file, and either half of a pair`() throws {
    for name in ["a.nii.gz", "p.hdr", "p.img", "odd.image"] { try folder.write([1], name) }
    #expect(try names("a.nii.gz") == ["a"])
    #expect(try names("odd.image") == ["odd.image"])
    let pair = ImageFiles(header: folder.path + "p.hdr", voxels: folder.path + "p.img")
    #expect(
      try FileFinder.find(folder.path + "p.hdr").images == [FoundImage(name: "p", files: pair)])
    #expect(
      try FileFinder.find(folder.path + "p.img").images == [FoundImage(name: "p", files: pair)])
  }

  @Test func `patterns count names from their fixed part`() throws {
    for name in ["s1/t1.nii", "s1/t2.nii", "s2/t1.nii", "s2/deep/t3.nii"] {
      try folder.write([1], name)
    }
    #expect(try names("*/t1.nii") == ["s1/t1", "s2/t1"])
    #expect(try names("s1/t?.nii") == ["t1", "t2"])
    #expect(try names("s[2]") == ["s2/deep/t3", "s2/t1"])
  }

  @Test(arguments: ["nothing", "nothing/x.nii", "*.nii", "a/**/b.nii"])
  func `what is not there is an error of the parameter path`(path: String) throws {
    let found = failure { _ = try names(path) }
    #expect(found?.category == .badParameter)
    #expect(found?.parameter == "path")
    #expect(found?.message.contains(folder.path) == false)
  }

  @Test func `a folder without images has no cases`() throws {
    try folder.write([1], "notes.txt")
    #expect(try names() == [])
  }

  @Test func `a brackets in a name that exists are no pattern`() throws {
    try folder.write([1], "a[1].nii")
    #expect(try names("a[1].nii") == ["a[1]"])
  }

  @Test func `equal names keep their suffix`() throws {
    for name in ["x.nii", "x.nii.gz", "y.nii.nii", "y.nii.gz", "y.nii"] {
      try folder.write([1], name)
    }
    let found = try FileFinder.find(folder.path)
    #expect(found.images.map(\.name) == ["x.nii", "x.nii.gz", "y.nii", "y.nii.gz", "y.nii.nii"])
    #expect(found.notices.map(\.code) == ["SAME_NAME", "SAME_NAME"])
    #expect(Set(found.images.map(\.files)).count == 5)
  }

  @Test func `what other systems leave behind is counted`() throws {
    for name in ["._a.nii.gz", ".hidden/b.nii", ".nii", "c.img", "d.nii"] {
      try folder.write([1], name)
    }
    let found = try FileFinder.find(folder.path)
    #expect(found.images.map(\.name) == ["d"])
    #expect(found.skipped == [.hidden: 3, .voxelsWithoutHeader: 1])
  }

  @Test func `results below the folder are no input, unless they are what is asked for`() throws {
    for name in [
      "a.nii", "out/.pons/VERSION", "out/c-1/volume.nii", "old/phi/cases.tsv", "old/c-2/volume.nii",
      "phi/b.nii",
    ] { try folder.write([1], name) }
    let found = try FileFinder.find(folder.path)
    #expect(found.images.map(\.name) == ["a", "phi/b"])
    #expect(found.skipped == [.results: 2])
    #expect(try names("o*") == [])
    #expect(try names("out") == ["c-1/volume"])
  }

  @Test func `loops of links end, and a folder is known by its own name`() throws {
    try folder.write([1], "z/real/a.nii")
    symlink("..", folder.path + "z/up")
    symlink("z/real", folder.path + "alias")
    symlink("loop", folder.path + "loop")
    symlink("z/real/a.nii", folder.path + "link.nii")
    let found = try FileFinder.find(folder.path)
    #expect(found.images.map(\.name) == ["link", "z/real/a"])
    #expect(found.skipped == [.seenBefore: 2, .notNIfTI: 1])
  }

  @Test func `a link that leads nowhere is a case, which fails by name`() throws {
    symlink("nowhere", folder.path + "gone.nii")
    let found = try FileFinder.find(folder.path)
    #expect(found.images.map(\.name) == ["gone"])
    #expect(found.images.first?.files.existing == [])
    #expect(failure { _ = try Loaded(folder.path + "gone.nii") }?.code == "UNREADABLE")
  }

  @Test func `a pipe is counted in a folder, and not opened when it is named`() throws {
    #expect(mkfifo(folder.path + "pipe.nii", 0o600) == 0)
    let found = try FileFinder.find(folder.path)
    #expect(found.images == [] && found.skipped == [.noFile: 1])
    let image = try #require(try FileFinder.find(folder.path + "pipe.nii").images.first)
    #expect(image.name == "pipe" && image.files.existing == [])
  }

  @Test func `a header without its voxels is a case, which fails by name`() throws {
    try folder.write(Files.read(Fixture.folder + "pair.hdr"), "pair.hdr")
    let image = try #require(try FileFinder.find(folder.path).images.first)
    #expect(image.files.existing == [folder.path + "pair.hdr"])
    #expect(failure { _ = try Loaded(image.files) }?.code == "UNREADABLE")
  }

  @Test func `folders are nested deeper than any stack`() throws {
    var path = ""
    for _ in 0..<150 {
      path += "d/"
    }
    try folder.write([1], path + "a.nii")
    #expect(try names() == [path + "a"])
  }
}
