internal import PonsFiles
internal import PonsKit

/// DICOM that is damaged.
struct DamagedFile: Error {
  var failure: StageFailure
  /// UID of its series, when it stands in front of the damage.
  var series: String?
}

/// A DICOM file whose structure is sound: its header can be parsed, its pixels can be found.
final class DICOMFile {
  let syntax: TransferSyntax
  let structure: DataSetStructure
  let source: ByteSource

  /// What a file turned out to be.
  enum Content {
    case dicom(DICOMFile)
    case foreign(ForeignKind)
  }

  private init(_ source: ByteSource, _ syntax: TransferSyntax, _ structure: DataSetStructure) {
    self.source = source
    self.syntax = syntax
    self.structure = structure
  }

  /// Opens a file and finds out what it is.
  ///
  /// - Throws: `StageFailure`: UNREADABLE, EMPTY; for DICOM that is damaged also NO_TRANSFER_SYNTAX, BAD_DEFLATE, and
  ///   ``DamagedFile`` with TRUNCATED or BAD_STRUCTURE.
  static func open(_ path: String) throws -> Content {
    let file = try OpenFile(path: path)
    if file.size == 0 {
      throw StageFailure(
        .badInput, code: "EMPTY", "the file has no bytes",
        hint: "copy the file again from where it came from")
    }
    let source = try ByteSource(file)
    if source.front.count >= 132, Array(source.front[128..<132]) == Array("DICM".utf8) {
      return .dicom(try withMeta(source, file, at: 132))
    }
    // Files without preamble: from old archives, and bare data sets from the network.
    let front = source.front
    if front.starts(with: Array("DICM".utf8)) { return .dicom(try withMeta(source, file, at: 4)) }
    if front.count >= 8, front[0] == 2, front[1] == 0, isText(front[4]), isText(front[5]) {
      return .dicom(try withMeta(source, file, at: 0))
    }
    if let encoding = bareEncoding(front) {
      let syntax: TransferSyntax =
        switch encoding {
        case .implicitLittle: .implicitLittle
        case .explicitLittle: .explicitLittle
        case .explicitBig: .explicitBig
        }
      return .dicom(try sound(source, syntax, at: 0))
    }
    return .foreign(ForeignKind(front, path: path))
  }

  /// A file whose elements are in order.
  ///
  /// - Throws: ``DamagedFile``, with the series when that is known in spite of the damage.
  private static func sound(_ source: ByteSource, _ syntax: TransferSyntax, at start: Int) throws
    -> DICOMFile
  {
    do {
      let structure = try StructureWalk.walk(source, at: start, syntax.encoding)
      return DICOMFile(source, syntax, structure)
    } catch let damage as DamagedStructure {
      let rest = DICOMFile(source, syntax, damage.sound)
      throw DamagedFile(
        failure: damage.failure, series: try? rest.attributes().root.text(0x0020_000e))
    }
  }

  private static func isText(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }

  /// How a data set without file meta information is encoded, as far as its first element tells; nil when it is none. The
  /// first element is of group 8: in images nothing comes before.
  private static func bareEncoding(_ front: [UInt8]) -> ElementEncoding? {
    guard front.count >= 12 else { return nil }
    let vr = UInt16(front[4]) << 8 | UInt16(front[5])
    if front[0] == 8, front[1] == 0, front[3] == 0 {
      if StructureWalk.isVR(vr) { return .explicitLittle }
      let length = Int(front[4]) | Int(front[5]) << 8 | Int(front[6]) << 16 | Int(front[7]) << 24
      return length <= 1024 ? .implicitLittle : nil
    }
    if front[0] == 0, front[1] == 8, front[2] == 0, StructureWalk.isVR(vr) { return .explicitBig }
    return nil
  }

  /// Reads the file meta information (DICOM PS3.10 section 7.1), always explicit and little endian, and what follows.
  private static func withMeta(_ source: ByteSource, _ file: OpenFile, at start: Int) throws
    -> DICOMFile
  {
    var position = start
    var syntax: TransferSyntax?
    while try source.need(position + 8), source.front[position] == 2,
      source.front[position + 1] == 0
    {
      let front = source.front
      let element = Int(front[position + 2]) | Int(front[position + 3]) << 8
      let vr = UInt16(front[position + 4]) << 8 | UInt16(front[position + 5])
      let isLong = vr == 0x4f42 || vr == 0x4f57 || vr == 0x554e  // OB, OW, UN
      var value = position + 8
      var length = Int(front[position + 6]) | Int(front[position + 7]) << 8
      if isLong {
        guard try source.need(position + 12) else { break }
        value = position + 12
        length = (0..<4).reduce(0) { $0 | Int(source.front[position + 8 + $1]) << (8 * $1) }
      }
      guard length <= 1 << 20, try source.need(value + length) else {
        throw StageFailure(
          .badInput, code: "TRUNCATED",
          "the file ends at byte \(source.count), in the middle of its file meta information",
          hint: "copy the file again from where it came from")
      }
      if element == 0x0010 {
        let uid = source.front[value..<value + length].filter { $0 != 0 && $0 != 0x20 }
        syntax = TransferSyntax(String(decoding: uid, as: UTF8.self))
      }
      position = value + length
    }
    guard let syntax else {
      throw StageFailure(
        .badInput, code: "NO_TRANSFER_SYNTAX",
        "the file meta information names no transfer syntax (0002,0010)",
        hint: "the file is damaged; ask for it again where it came from")
    }
    guard syntax == .deflated else {
      return try sound(source, syntax, at: position)
    }
    let stream = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, source.count - position), alignment: 16)
    defer { stream.deallocate() }
    let rest = UnsafeMutableRawBufferPointer(rebasing: stream[0..<source.count - position])
    try source.read(at: position, into: rest)
    let inflated = ByteSource(try InflatedBytes(UnsafeRawBufferPointer(rest)), from: file)
    return try sound(inflated, syntax, at: 0)
  }

  /// The attributes in front of the pixels.
  ///
  /// - Throws: `StageFailure`: BAD_STRUCTURE when DCMTK refuses them.
  func attributes() throws -> DataSet {
    guard try source.need(structure.end) else {
      throw StageFailure(
        .badInput, code: "TRUNCATED", "the file became shorter while it was read",
        hint: "wait until the folder is complete; see the parameter settle")
    }
    return try DataSet(source.front, structure)
  }
}
