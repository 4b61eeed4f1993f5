import DICOM
import PonsKit
import TestFolders
import Testing

/// Values that are read where they stand are those that DCMTK reads.
///
/// An element that no image has, in front of all others, makes a data set one that is left to DCMTK, and changes nothing else.
@Suite struct PlainValueTests {
  /// An element of a group that is no image's.
  private static let marker = DICOMBytes.element(0x0006_0010, "LO", [65, 66])

  /// Where the data set begins: behind the file meta information, whose length is its first element.
  private static func start(_ file: [UInt8]) -> Int {
    144 + (0..<4).reduce(0) { $0 | Int(file[140 + $1]) << (8 * $1) }
  }

  private static func marked(_ file: [UInt8]) -> [UInt8] {
    Array(file[..<start(file)]) + marker + file[start(file)...]
  }

  /// Everything that a search knows of a file, but for what depends on where things are in it.
  private static func known(_ file: [UInt8]) throws -> [Substring] {
    let folder = try TemporaryFolder()
    try folder.write(file, "x.dcm")
    var text = ""
    dump(try Search(path: folder.path, policy: .quarantine, threads: 1, shown: { $0 }), to: &text)
    let places = ["node:", "size:", "seconds:", "nanoseconds:", "offset:", "message:", "path"]
    return text.split(separator: "\n").filter { line in !places.contains { line.contains($0) } }
      .map { $0.contains(folder.path) ? "" : $0 }
  }

  private static func compare(_ file: [UInt8], _ what: String) throws {
    let (plain, parsed) = (try known(file), try known(marked(file)))
    if plain == parsed { return }
    let difference = zip(plain, parsed).first { $0 != $1 }
    Issue.record("\(what): \(difference.map { "\($0)" } ?? "one knows more")")
  }

  @Test(arguments: [
    "explicit", "enhanced", "enhanced_slopes", "activity", "tilted", "rle", "float",
    "frames_90_table",
  ])
  func `files and damaged files`(name: String) throws {
    let file = try Fixtures.files(name)[0]
    try Self.compare(file, name)
    let start = Self.start(file)
    // Pixels are the last element, and of no interest here.
    let header = Array(file.prefix(start + 6000))
    var random = SplitMix64(seed: FuzzTests.seed)
    for number in 0..<2 * FuzzTests.iterations {
      var bytes = header
      FuzzTests.damage(&bytes, from: start, &random)
      try Self.compare(bytes + file[header.count...], "\(name), number \(number)")
    }
  }

  /// Values that are easily read in another way.
  @Test(arguments: [
    ("DS", "1"), ("DS", " 1 "), ("DS", "+1.5e+02"), ("DS", "1,5"), ("DS", "1\\"), ("DS", "\\1"),
    ("DS", "\\"), ("DS", "  "), ("DS", "1\0"), ("DS", "\0001 "), ("DS", "1\0002"), ("DS", "0x1"),
    ("DS", "1\\2\\3\\4\\5\\6\\7\\8\\9\\10\\11\\12\\13\\14\\15\\16\\17\\18\\19\\20"), ("DS", "1 2"),
    ("DS", "nan "), ("DS", "1e999 "), ("DS", "0.1000000000000000055"), ("DS", "123456789012345678"),
    ("IS", "12"), ("IS", "-0"), ("IS", "1.5 "), ("LO", "12"), ("SH", "12"), ("CS", "12"),
    ("UI", "12"),
    ("UN", "12"), ("OB", "12"), ("US", "12"), ("SS", "\u{7f}\u{7f}"), ("UL", "12"), ("UL", "1234"),
    ("FL", "1234"), ("FL", "\0\0\u{7f}\u{7f}"), ("FD", "12345678"), ("AT", "1234"), ("SQ", ""),
    ("LO", "é"), ("LO", "\u{1b}$B"), ("LO", "a\tb"), ("UT", "12"), ("UR", "12"), ("UC", "12"),
  ])
  func `values of all kinds`(vr: String, text: String) throws {
    // A number, a text, both, and what several rules look at.
    for tag: UInt32 in [
      0x0018_0050, 0x0008_103e, 0x0028_0030, 0x0008_0008, 0x0020_0011, 0x0018_0010,
    ] {
      var slice = MadeSlice(0)
      slice.set(tag, vr, text)
      try Self.compare(slice.data.file, "\(vr) of \(text.debugDescription)")
    }
    var slice = MadeSlice(0)
    slice.data[0x0008_0005] = .text("CS", "ISO_IR 192")
    slice.set(0x0008_103e, vr, text)
    try Self.compare(slice.data.file, "\(vr) of \(text.debugDescription), in UTF-8")
  }
}
