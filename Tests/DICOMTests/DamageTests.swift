import DICOM
import PonsKit
import TestFolders
import Testing

/// Files that are damaged: the file is named, its series refused, and nothing else is touched.
@Suite struct DamageTests {
  private func outcome(_ files: [[UInt8]]) throws -> Outcome {
    let folder = try TemporaryFolder()
    try folder.write(files)
    return try Outcome(folder.path)
  }

  private func refusal(_ files: [[UInt8]], at index: Int) throws -> StageFailure? {
    let found = try outcome(files)
    #expect(found.volumes.isEmpty && found.refusals.count == 1)
    #expect(found.refusals.first?.message.contains("im00\(index + 1).dcm") == true)
    return found.refusals.first
  }

  /// Wherever a file ends, also between two elements, and also the first or the last one of a series, where no gap tells.
  @Test(arguments: ["explicit", "implicit", "big", "deflated", "jpeg_lossless", "jpeg_ls", "rle"])
  func `a file that is cut anywhere`(name: String) throws {
    let whole = try Fixtures.files(name)
    for index in [0, whole.count - 1] {
      for length in stride(from: 0, to: whole[index].count, by: name == "explicit" ? 1 : 11) {
        var files = whole
        files[index] = Array(files[index].prefix(length))
        let found = try outcome(files)
        #expect(found.volumes.isEmpty, "\(name) cut at \(length)")
        let isNamed = found.refusals.contains { $0.message.contains("im00\(index + 1).dcm") }
        #expect(isNamed, "\(name) cut at \(length)")
      }
    }
  }

  /// Compressed pixels: cut, and with a new end.
  @Test(arguments: [
    "jpeg_lossless", "jpeg_lossless_14", "jpeg_ls", "rle", "j2k", "jpeg_baseline",
    "jpeg_progressive",
  ])
  func `a codestream that is cut`(name: String) throws {
    let files = try Fixtures.files(name)
    let stream = try #require(Encapsulated(files[1]))
    for part in [0.1, 0.5, 0.9] {
      let short = Array(stream.stream.prefix(Int(Double(stream.stream.count) * part)) + [0])
      for end in [[], [0xff, 0xd9]] as [[UInt8]] {
        var damaged = files
        damaged[1] = stream.file(with: short + end)
        let failure = try refusal(damaged, at: 1)
        #expect(["BAD_CODESTREAM", "BAD_FRAGMENTS"].contains(failure?.code ?? ""))
      }
    }
  }

  /// An encoder that says that a scan has one coefficient a block, and writes all: an oddity, no damage.
  @Test func `a scan that is numbered wrongly is read`() throws {
    let files = try Fixtures.files("jpeg_baseline")
    let folder = try TemporaryFolder()
    try folder.write(
      try files.map { file in
        let frame = try #require(Encapsulated(file))
        var stream = frame.stream
        // Start of scan: length, 1 component, its tables, first and last coefficient.
        let scan = try #require(
          stream.indices.first { stream[$0...].starts(with: [0xff, 0xda, 0, 8, 1]) })
        stream[scan + 8] = 0
        return frame.file(with: stream)
      })
    let truth = try Outcome(Fixtures.folder + "jpeg_baseline").volumes.map(\.voxels)
    #expect(try Outcome(folder.path).volumes.map(\.voxels) == truth)
  }

  /// What a failing disk leaves.
  @Test(arguments: ["jpeg_lossless_14", "jpeg_ls", "j2k", "rle", "jpeg_extended"])
  func `a codestream with zeros in the middle`(name: String) throws {
    let files = try Fixtures.files(name)
    let stream = try #require(Encapsulated(files[1]))
    var bytes = stream.stream
    for index in bytes.count / 2..<bytes.count / 2 + 64 { bytes[index] = 0 }
    var damaged = files
    damaged[1] = stream.file(with: bytes)
    #expect(try refusal(damaged, at: 1)?.code == "BAD_CODESTREAM")
  }

  typealias Edit = @Sendable (inout MadeSlice) -> Void

  static let claims: [(String, Edit)] = [
    ("TRUNCATED", { $0.data[0x0028_0010] = .short(65535) }),
    ("BAD_SIZE", { $0.data[0x0028_0010] = .short(0) }),
    ("BAD_SIZE", { $0.set(0x0028_0008, "IS", "2147483647") }),
    ("BAD_SIZE", { $0.set(0x0028_0008, "IS", "-3") }),
    ("BAD_SIZE", { $0.set(0x0028_0008, "IS", "1.5") }),
    ("NO_FRAME_POSITIONS", { $0.set(0x0028_0008, "IS", "3") }),
    ("BAD_SIZE", { $0.data[0x7fe0_0010] = .bytes("OW", [UInt8](repeating: 0, count: 50)) }),
    ("TRUNCATED", { $0.data[0x7fe0_0010] = .bytes("OW", [1, 2]) }),
    ("BITS", { $0.data[0x0028_0100] = .short(12) }),
    ("BITS", { $0.data[0x0028_0100] = .short(64) }),
    ("BITS", { $0.data[0x0028_0101] = .short(17) }), ("BITS", { $0.data[0x0028_0102] = .short(3) }),
    ("BITS", { $0.data[0x0028_0101] = .double([-9.223372036854775808e18]) }),
    (
      "BITS",
      {
        $0.data[0x0028_0101] = .double([-9.223372036854775808e18])
        $0.data[0x0028_0102] = nil
      }
    ),
    ("BITS", { $0.data[0x0028_0103] = nil }),
    ("COLOUR", { $0.set(0x0028_0004, "CS", "RGB") }),
    ("COLOUR", { $0.set(0x0028_0004, "CS", "PALETTE COLOR") }),
    ("COLOUR", { $0.data[0x0028_0002] = .short(3) }),
    ("NO_PHOTOMETRIC", { $0.data[0x0028_0004] = nil }),
    ("NO_SERIES", { $0.data[0x0020_000e] = nil }),
    ("MOSAIC", { $0.set(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\M\\MOSAIC") }),
    ("MODALITY_LUT", { $0.data[0x0028_3000] = .items([DICOMBytes()]) }),
    ("BAD_RESCALE", { $0.set(0x0028_1053, "DS", "0") }),
    ("BAD_RESCALE", { $0.set(0x0028_1053, "DS", "1,5") }),
    ("BAD_RESCALE", { $0.set(0x0028_1052, "DS", "much") }),
  ]

  @Test(arguments: claims.indices)
  func `a header that cannot be right`(index: Int) throws {
    let (code, edit) = Self.claims[index]
    var slice = MadeSlice(0)
    edit(&slice)
    let failure = try refusal([slice.data.file], at: 0)
    #expect(failure?.code == code)
  }

  @Test(arguments: [
    ("1.2.840.10008.1.2", "TRUNCATED"), ("1.2.840.10008.1.2.2", "TRUNCATED"),
    ("1.2.840.10008.1.2.1.99", "BAD_DEFLATE"), ("1.2.840.10008.1.2.5", "TRANSFER_SYNTAX"),
    ("1.2.840.10008.1.2.4.90", "TRANSFER_SYNTAX"), ("1.2.3.4", "TRANSFER_SYNTAX"),
  ])
  func `a wrong transfer syntax`(uid: String, code: String) throws {
    let file = DICOMBytes.head(uid) + MadeSlice(0).data.dataSet
    #expect(try refusal([file], at: 0)?.code == code)
  }

  @Test func `no transfer syntax`() throws {
    let preamble = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
    let file = preamble + MadeSlice(0).data.dataSet
    #expect(try refusal([file], at: 0)?.code == "NO_TRANSFER_SYNTAX")
  }

  /// Its header then tells of another size, so that it seems to be no slice of the others.
  @Test func `a damaged size refuses the series, also at its end`() throws {
    var slices = (0..<4).map { MadeSlice($0) }
    slices[3].data[0x0028_0010] = .short(515)
    let folder = try TemporaryFolder()
    try folder.write(slices)
    let found = try Outcome(folder.path)
    #expect(found.volumes.isEmpty)
    #expect(found.refusals.allSatisfy { $0.message.contains("im004.dcm") })
  }

  /// An image of two slices and something in place of the third.
  @Test(
    arguments: [
      ([], "EMPTY"), ([UInt8](repeating: 0, count: 90), "ZEROS"),
      (Array("<html>not found</html>".utf8), "TEXT_FILE"),
      ([1, 2, 3, 0xff, 9], "NOT_DICOM_BUT_NAMED_SO"),
    ] as [([UInt8], String)])
  func `a file that is no DICOM, and is named like its neighbours`(bytes: [UInt8], code: String)
    throws
  {
    let files = (0..<2).map { MadeSlice($0).data.file } + [bytes]
    #expect(try refusal(files, at: 2)?.code == code)
  }

  @Test func `other files are passed over and counted`() throws {
    let folder = try TemporaryFolder()
    try folder.write((0..<2).map { MadeSlice($0) })
    try folder.write(Array("hello\n".utf8), "notes.txt")
    try folder.write([0xff, 0xd8, 0xff, 0xe0], "photo.jpg")
    try folder.write((0..<99).map { UInt8($0) }, "junk.dcm")
    try folder.write([], "LOCKFILE")
    try folder.write([1], ".hidden")
    let found = try Outcome(folder.path)
    #expect(found.volumes.count == 1 && found.refusals.isEmpty)
    #expect(
      found.skipped == [
        "TEXT_FILE": 1, "PICTURE": 1, "NOT_DICOM_BUT_NAMED_SO": 1, "EMPTY_FILE": 1, "HIDDEN": 1,
      ])
  }

  @Test func `a damaged file belongs to the series of its neighbours`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<12 {
      let slice = MadeSlice(index % 6, series: index < 6 ? "1.2.3" : "1.2.4")
      try folder.write(index == 11 ? [] : slice.data.file, "im\(index + 1).dcm")
    }
    let found = try Outcome(folder.path)
    #expect(found.volumes.map(\.name) == ["1.2.3"] && found.codes == ["EMPTY"])
  }

  @Test func `where nothing tells, the volumes say that a slice may be missing`() throws {
    let folder = try TemporaryFolder()
    for index in 0..<12 {
      let slice = MadeSlice(index / 2, series: index % 2 == 0 ? "1.2.3" : "1.2.4")
      try folder.write(index == 11 ? [] : slice.data.file, "im\(index + 1).dcm")
    }
    let found = try Outcome(folder.path)
    #expect(found.codes == ["EMPTY"] && found.volumes.count == 2)
    #expect(found.volumes.allSatisfy { $0.notices == ["MAY_LACK_A_SLICE"] })
  }
}

/// A file with one compressed frame in one fragment, taken apart.
struct Encapsulated {
  private let head: [UInt8]
  let stream: [UInt8]

  init?(_ file: [UInt8]) {
    let tag: [UInt8] = [0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]
    guard let start = (0..<file.count - tag.count).last(where: { file[$0...].starts(with: tag) })
    else { return nil }
    let table = start + tag.count
    let skip = 8 + Self.number(file, table + 4)
    let count = Self.number(file, table + skip + 4)
    head = Array(file[..<(table + skip)])
    stream = Array(file[(table + skip + 8)..<(table + skip + 8 + count)])
  }

  private static func number(_ file: [UInt8], _ at: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(file[at + $1]) << (8 * $1) }
  }

  /// The file with another codestream.
  func file(with stream: [UInt8]) -> [UInt8] {
    let even = stream + (stream.count % 2 == 1 ? [0] : [])
    return head + [0xfe, 0xff, 0x00, 0xe0] + DICOMBytes.little(even.count, 4) + even
      + [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]
  }
}
