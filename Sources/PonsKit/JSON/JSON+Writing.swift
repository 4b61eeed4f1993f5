extension JSON {
  /// Canonical text: members sorted by the UTF-8 bytes of their names, no white space, shortest
  /// numbers that read back to the same value. Equal values give equal bytes, so digests may be
  /// taken of it.
  ///
  /// Numbers that JSON cannot hold are written as strings: `"nan"`, `"inf"`, `"-inf"`.
  public var canonical: String {
    var writer = JSONWriter(indents: false)
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Text for people: one member a line, indented by two spaces, members sorted.
  public var pretty: String {
    var writer = JSONWriter(indents: true)
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension JSON {
  /// Appends a text as a JSON string to bytes, for those who write records by the hundred thousand.
  package static func append(string text: String, to bytes: inout [UInt8]) {
    var writer = JSONWriter(indents: false)
    swap(&writer.bytes, &bytes)
    writer.write(.string(text))
    swap(&writer.bytes, &bytes)
  }
}

/// Writes into bytes: records of small results are made by the hundred thousand, and text that grows by characters is ten
/// times slower.
private struct JSONWriter {
  var bytes: [UInt8] = []
  let indents: Bool
  private var depth = 0
  private static let digits = Array("0123456789abcdef".utf8)

  init(indents: Bool) { self.indents = indents }

  mutating func write(_ value: JSON) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .number(let value): write(number: value)
    case .string(let value): write(string: value)
    case .array(let elements):
      begin("[")
      for (index, element) in elements.enumerated() {
        separate(isFirst: index == 0)
        write(element)
      }
      end("]", isEmpty: elements.isEmpty)
    case .object(let members):
      begin("{")
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        separate(isFirst: index == 0)
        write(string: member.key)
        bytes.append(UInt8(ascii: ":"))
        if indents { bytes.append(UInt8(ascii: " ")) }
        write(member.value)
      }
      end("}", isEmpty: members.isEmpty)
    }
  }

  private mutating func begin(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    depth += 1
  }

  private mutating func separate(isFirst: Bool) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    if indents { breakLine() }
  }

  private mutating func end(_ bracket: Unicode.Scalar, isEmpty: Bool) {
    depth -= 1
    if indents, !isEmpty { breakLine() }
    bytes.append(UInt8(ascii: bracket))
  }

  private mutating func breakLine() {
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func write(number value: Double) {
    if value.isNaN {
      bytes.append(contentsOf: "\"nan\"".utf8)
    } else if value.isInfinite {
      bytes.append(contentsOf: (value < 0 ? "\"-inf\"" : "\"inf\"").utf8)
    } else {
      // Swift's description is the shortest that reads back equal, and always has a point or an exponent.
      bytes.append(contentsOf: value.description.utf8)
    }
  }

  private mutating func write(string value: String) {
    bytes.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { text in
      // Most texts need no escape and are copied as a whole.
      var start = 0
      for (index, byte) in text.enumerated() where Self.needsEscape(byte) {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
        escape(byte)
        start = index + 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x0a: bytes.append(UInt8(ascii: "n"))
    case 0x0d: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    default:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(Self.digits[Int(byte >> 4)])
      bytes.append(Self.digits[Int(byte & 15)])
    }
  }
}
