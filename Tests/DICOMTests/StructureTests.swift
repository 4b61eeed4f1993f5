import DICOM
import PonsKit
import TestFolders
import Testing

/// How elements follow each other in files: what is unusual is read, what is broken is refused before any parser sees it.
@Suite struct StructureTests {
  private static let patient: UInt32 = 0x0010_0010

  /// Reads a slice with bytes in front of its patient's name.
  private func outcome(_ inserted: [UInt8]) throws -> Outcome {
    var before = DICOMBytes()
    var after = DICOMBytes()
    for (tag, value) in MadeSlice(0).data.elements {
      if tag < Self.patient { before[tag] = value } else { after[tag] = value }
    }
    let folder = try TemporaryFolder()
    try folder.write(DICOMBytes.head() + before.dataSet + inserted + after.dataSet, "x.dcm")
    return try Outcome(folder.path)
  }

  private static let endless = 0xffff_ffff
  private static func item(_ bytes: [UInt8]) -> [UInt8] {
    [0xfe, 0xff, 0x00, 0xe0] + DICOMBytes.little(bytes.count, 4) + bytes
  }
  private static let openItem: [UInt8] = [0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]
  private static let closeItem: [UInt8] = [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0]
  private static let closeSequence: [UInt8] = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]

  private static let sound: [(String, [UInt8])] = [
    ("nothing", []),
    ("an empty sequence", DICOMBytes.element(0x0008_1140, "SQ", [])),
    (
      "a sequence without length",
      DICOMBytes.element(
        0x0009_1000, "SQ",
        openItem + DICOMBytes.element(0x0009_1001, "LO", [65, 66]) + closeItem + closeSequence,
        length: endless)
    ),
    (
      "an unknown sequence, implicit inside",
      DICOMBytes.element(
        0x0009_1000, "UN",
        openItem + [9, 0, 1, 0x10, 2, 0, 0, 0, 65, 66] + closeItem + closeSequence,
        length: endless)
    ),
    (
      "a compressed icon, with a fragment that looks like an item",
      DICOMBytes.element(
        0x0009_1000, "SQ",
        openItem
          + DICOMBytes.element(
            0x7fe0_0010, "OB",
            item([]) + item([0xfe, 0xff, 0x00, 0xe0, 7, 7, 7, 7]) + closeSequence,
            length: endless) + closeItem + closeSequence, length: endless)
    ),
    ("a representation of the future", DICOMBytes.element(0x0009_1000, "ZZ", [1, 2, 3, 4])),
    ("a group length", DICOMBytes.element(0x0008_0000, "UL", [1, 0, 0, 0])),
    ("unknown bytes that look like a sequence", DICOMBytes.element(0x0009_1000, "UN", openItem)),
  ]

  @Test(arguments: sound.indices) func `is read`(index: Int) throws {
    let found = try outcome(Self.sound[index].1)
    #expect(found.volumes.map(\.voxels) == [MadeSlice.voxels(0..<1)], "\(Self.sound[index].0)")
  }

  private static func nested(_ depth: Int) -> [UInt8] {
    let open = DICOMBytes.element(0x0040_a730, "SQ", openItem, length: endless)
    return Array(repeatElement(open, count: depth).joined())
      + Array(repeatElement(closeItem + closeSequence, count: depth).joined())
  }

  private static let broken: [(String, [UInt8])] = [
    ("BAD_STRUCTURE", nested(5000)),
    ("BAD_STRUCTURE", nested(200_000)),
    ("TRUNCATED", DICOMBytes.element(0x0009_1000, "OB", [], length: 0x7fff_fff0)),
    ("TRUNCATED", DICOMBytes.element(0x0009_1000, "SQ", openItem, length: endless)),
    ("BAD_STRUCTURE", DICOMBytes.element(0x0009_1000, "OB", [], length: endless)),
    (
      "BAD_STRUCTURE",
      DICOMBytes.element(0x0009_1000, "SQ", DICOMBytes.element(0x0009_1001, "LO", []))
    ),
    ("BAD_STRUCTURE", DICOMBytes.element(0x0009_1000, "SQ", item([9, 0, 1, 0x10, 65, 65, 9, 0]))),
    ("BAD_STRUCTURE", closeSequence),
    ("BAD_STRUCTURE", [9, 0, 0, 0x10, 0x3f, 0x3f, 0, 0]),
  ]

  @Test(arguments: broken.indices) func `is refused`(index: Int) throws {
    let found = try outcome(Self.broken[index].1)
    #expect(found.volumes.isEmpty && found.codes == [Self.broken[index].0], "number \(index)")
  }

  /// The parser sorts elements into a list, from the back: in descending order that takes forever.
  @Test func `elements in no order are refused`() throws {
    let many = (0..<60_000).reversed().flatMap {
      DICOMBytes.element(0x0009_1000 + UInt32($0), "US", [])
    }
    #expect(try outcome(many).codes == ["BAD_STRUCTURE"])
    let few = (0..<500).reversed().flatMap {
      DICOMBytes.element(0x0009_1000 + UInt32($0), "US", [])
    }
    #expect(try outcome(few).volumes.count == 1)
  }

  /// In implicit VR nothing but the items tells a sequence.
  @Test func `deep sequences in implicit VR are refused`() throws {
    let open: [UInt8] = [0x40, 0, 0x30, 0xa7, 0xff, 0xff, 0xff, 0xff] + Self.openItem
    let folder = try TemporaryFolder()
    let head = DICOMBytes.head("1.2.840.10008.1.2")
    try folder.write(head + Array(repeatElement(open, count: 5000).joined()), "x.dcm")
    #expect(try Outcome(folder.path).codes == ["BAD_STRUCTURE"])
  }

  // MARK: Beginnings

  @Test(arguments: [128, 132])
  func `files without preamble`(dropped: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write((0..<2).map { Array(MadeSlice($0).data.file.dropFirst(dropped)) })
    #expect(try Outcome(folder.path).volumes.map(\.voxels) == [MadeSlice.voxels(0..<2)])
  }

  @Test func `bare data sets`() throws {
    let folder = try TemporaryFolder()
    try folder.write((0..<2).map { MadeSlice($0).data.dataSet })
    #expect(try Outcome(folder.path).volumes.map(\.voxels) == [MadeSlice.voxels(0..<2)])
  }

  @Test(arguments: ["implicit", "big"])
  func `bare data sets in other encodings`(name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      try Fixtures.files(name).map { file in
        // The first element behind the preamble is the length of the file meta information.
        let length = (0..<4).reduce(0) { $0 | Int(file[140 + $1]) << (8 * $1) }
        return Array(file[(144 + length)...])
      })
    let truth = try #require(Fixtures.all[name]?.first)
    #expect(try Outcome(folder.path).volumes.map(\.voxels) == [truth.voxels])
  }

  // MARK: Deflate

  @Test func `a deflated data set with the trailer of gzip`() throws {
    let files = try Fixtures.files("deflated")
    let folder = try TemporaryFolder()
    // CRC and size that do not belong to it.
    try folder.write(files.map { $0 + [1, 2, 3, 4, 5, 6, 7, 8] })
    #expect(try Outcome(folder.path).codes.allSatisfy { $0 == "BAD_DEFLATE" })
  }
}
