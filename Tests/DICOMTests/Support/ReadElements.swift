import Testing

/// The elements of a file in Explicit VR Little Endian with explicit lengths, read without the code under test.
struct ReadElements {
  private(set) var values: [UInt32: ArraySlice<UInt8>] = [:]
  private(set) var items: [UInt32: [ReadElements]] = [:]

  /// A file with preamble.
  init(file: [UInt8]) throws {
    try #require(file.count > 132 && Array(file[128..<132]) == Array("DICM".utf8))
    try self.init(file[132...])
  }

  private init(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while !rest.isEmpty {
      let tag = try Self.tag(&rest)
      let representation = String(decoding: try Self.take(2, &rest), as: UTF8.self)
      let isLong = ["OB", "OD", "OF", "OW", "SQ", "UC", "UN", "UR", "UT"].contains(representation)
      if isLong { _ = try Self.take(2, &rest) }
      let count = try Self.number(isLong ? 4 : 2, &rest)
      let value = try Self.take(count, &rest)
      if representation == "SQ" {
        items[tag] = try Self.items(value)
      } else {
        values[tag] = value
      }
    }
  }

  private static func items(_ bytes: ArraySlice<UInt8>) throws -> [ReadElements] {
    var rest = bytes
    var items: [ReadElements] = []
    while !rest.isEmpty {
      try #require(try tag(&rest) == 0xfffe_e000)
      items.append(try ReadElements(try take(try number(4, &rest), &rest)))
    }
    return items
  }

  private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws
    -> ArraySlice<UInt8>
  {
    try #require(count <= rest.count)
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func number(_ size: Int, _ rest: inout ArraySlice<UInt8>) throws -> Int {
    try take(size, &rest).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func tag(_ rest: inout ArraySlice<UInt8>) throws -> UInt32 {
    let group = try number(2, &rest)
    return UInt32(group) << 16 | UInt32(try number(2, &rest))
  }

  /// A text without padding; empty when there is none.
  func text(_ tag: UInt32) -> String {
    let bytes = values[tag] ?? []
    let padding = bytes.reversed().prefix { $0 == 0 || $0 == 0x20 }.count
    return String(decoding: bytes.dropLast(padding), as: UTF8.self)
  }

  /// Decimal numbers.
  func numbers(_ tag: UInt32) -> [Double] {
    text(tag).split(separator: "\\").compactMap { Double($0) }
  }

  /// A binary number of 16 or 32 bits.
  func integer(_ tag: UInt32) -> Int? {
    values[tag].map { $0.reversed().reduce(0) { $0 << 8 | Int($1) } }
  }

  /// The first item of a sequence.
  func item(_ tag: UInt32) -> ReadElements? { items[tag]?.first }
}
