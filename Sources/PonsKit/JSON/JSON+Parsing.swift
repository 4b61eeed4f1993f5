/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was found and what was expected.
  public let message: String
  /// Offset of the byte at which reading stopped, from 0.
  public let offset: Int

  /// The message with its offset.
  public var description: String { "\(message) at byte \(offset)" }
}

extension JSON {
  /// How deep arrays and objects may be nested in each other.
  public static let maximumDepth = 200

  /// Reads strict JSON (RFC 8259).
  ///
  /// Refused beyond what the standard refuses: a member name that occurs twice, numbers outside
  /// the range of Double, and nesting deeper than ``maximumDepth``. Integers that do not fit
  /// Int64 become numbers.
  ///
  /// - Throws: ``JSONError`` with the byte offset.
  public init(parsing text: String) throws(JSONError) {
    self = try JSON(parsing: Array(text.utf8))
  }

  /// Reads strict JSON from UTF-8 bytes; see ``init(parsing:)-(String)``.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let value = try self.value(depth: 0)
    skipSpace()
    if position < bytes.count { throw error("expected the end of the text") }
    return value
  }

  private func error(_ message: String) -> JSONError {
    JSONError(message: message, offset: position)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    if depth > JSON.maximumDepth { throw error("nested deeper than \(JSON.maximumDepth)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return try number()
    case nil: throw error("expected a value, found the end of the text")
    default: throw error("expected a value")
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    for byte in word.utf8 where !take(byte) { throw error("expected \(word)") }
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    position += 1
    var elements: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      if !take(UInt8(ascii: ",")) { throw error("expected ',' or ']'") }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    position += 1
    var members: [String: JSON] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      if next != UInt8(ascii: "\"") { throw error("expected a member name in quotes") }
      let start = position
      let name = try string()
      skipSpace()
      if !take(UInt8(ascii: ":")) { throw error("expected ':'") }
      let member = try value(depth: depth + 1)
      if members.updateValue(member, forKey: name) != nil {
        throw JSONError(message: "the member '\(name)' occurs twice", offset: start)
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      if !take(UInt8(ascii: ",")) { throw error("expected ',' or '}'") }
    }
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    var isInteger = true
    _ = take(UInt8(ascii: "-"))
    let leadingZero = next == UInt8(ascii: "0")
    let count = digits()
    if count == 0 { throw error("expected a digit") }
    if leadingZero, count > 1 {
      throw JSONError(message: "a number must not begin with 0", offset: start)
    }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      if digits() == 0 { throw error("expected a digit") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      if digits() == 0 { throw error("expected a digit") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw JSONError(message: "\(text) is outside the range of numbers", offset: start)
    }
    return .number(value)
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    var content: [UInt8] = []
    let start = position
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONError(message: "the string is not valid UTF-8", offset: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20:
        position -= 1
        throw error("control characters must be escaped")
      default: content.append(byte)
      }
    }
    throw error("the string does not end")
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw error("the string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xd800..<0xdc00).contains(code) {
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
          throw error("expected the second half of a surrogate pair")
        }
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else {
          throw error("expected the second half of a surrogate pair")
        }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      content.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    default:
      position -= 1
      throw error("unknown escape")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
