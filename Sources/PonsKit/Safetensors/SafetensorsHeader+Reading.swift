extension SafetensorsHeader {
  /// Where the data starts in a file: the size of the header with the 8 bytes of its length.
  ///
  /// - Parameter bytes: the first 8 bytes of the file, or more.
  /// - Throws: ``SafetensorsError`` when there are fewer, or the length cannot be.
  public static func dataOffset(of bytes: UnsafeRawBufferPointer) throws(SafetensorsError) -> Int {
    if bytes.count < 8 {
      throw SafetensorsError(
        "the file has \(bytes.count) bytes, expected 8 for the header's length")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    if length > UInt64(maximumSize) || length < 2 {
      throw SafetensorsError(
        "the header claims \(length) bytes, expected 2 to \(maximumSize)")
    }
    return 8 + Int(length)
  }

  /// Reads a header and checks that every tensor lies inside the data, none overlaps another, and no byte of the data is
  /// left over.
  ///
  /// - Parameters:
  ///   - bytes: the file, or at least its header.
  ///   - fileSize: bytes of the whole file; nil means that `bytes` is the whole file.
  /// - Throws: ``SafetensorsError``.
  public init(parsing bytes: UnsafeRawBufferPointer, fileSize: Int? = nil) throws(SafetensorsError)
  {
    let dataOffset = try Self.dataOffset(of: bytes)
    let fileSize = fileSize ?? bytes.count
    if dataOffset > bytes.count || dataOffset > fileSize {
      throw SafetensorsError(
        "the file ends after \(min(bytes.count, fileSize)) bytes, in a header of \(dataOffset) bytes"
      )
    }
    guard bytes[8] == UInt8(ascii: "{") else {
      throw SafetensorsError("the header does not begin with '{'")
    }
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: Array(bytes[8..<dataOffset]))
    } catch {
      throw SafetensorsError("the header is no JSON: \(error)")
    }
    metadata = try Self.metadata(json["__metadata__"])
    dataSize = fileSize - dataOffset
    entries = []
    for (name, value) in json.object ?? [:] where name != "__metadata__" {
      entries.append(try Self.entry(name, value))
    }
    entries.sort { ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name) }
    try checkPlaces(allowsHoles: false)
    entries.removeAll { Self.isPadding($0) }
  }

  private static func metadata(_ json: JSON?) throws(SafetensorsError) -> [String: String] {
    guard let json else { return [:] }
    guard let members = json.object else {
      throw SafetensorsError("'__metadata__' must be an object")
    }
    var strings: [String: String] = [:]
    for (key, value) in members {
      guard let text = value.string else {
        throw SafetensorsError("'__metadata__' must hold strings, but '\(key)' is none")
      }
      strings[key] = text
    }
    return strings
  }

  private static func entry(_ name: String, _ json: JSON) throws(SafetensorsError) -> Entry {
    guard let typeName = json["dtype"]?.string else {
      throw SafetensorsError("it has no 'dtype'", tensor: name)
    }
    guard let type = ElementType(safetensorsName: typeName) else {
      let known = ElementType.allCases.map(\.safetensorsName).joined(separator: ", ")
      throw SafetensorsError("the dtype '\(typeName)' is none of \(known)", tensor: name)
    }
    guard let shape = integers(json["shape"]), let byteCount = byteCount(type, shape) else {
      throw SafetensorsError("the shape is no array of numbers from 0 that fit", tensor: name)
    }
    guard let offsets = integers(json["data_offsets"]), offsets.count == 2, offsets[0] >= 0,
      offsets[1] >= offsets[0]
    else {
      throw SafetensorsError("'data_offsets' must be two rising numbers", tensor: name)
    }
    if offsets[1] - offsets[0] != byteCount {
      throw SafetensorsError(
        "it has \(offsets[1] - offsets[0]) bytes, expected \(byteCount) for its shape", tensor: name
      )
    }
    return Entry(name, type, shape, offset: offsets[0])
  }

  private static func integers(_ json: JSON?) -> [Int]? {
    guard let elements = json?.array else { return nil }
    var values: [Int] = []
    for element in elements {
      guard case .integer(let value) = element else { return nil }
      values.append(Int(value))
    }
    return values
  }

  private static func isPadding(_ entry: Entry) -> Bool {
    entry.type == .uint8 && entry.name.hasPrefix("__pad_")
      && !entry.name.dropFirst(6).isEmpty
      && entry.name.utf8.dropFirst(6).allSatisfy { (0x30...0x39).contains($0) }
  }
}
