/// The bytes of a file, checked and prepared for libyaml.
///
/// libyaml would end a plain scalar in `{path: ${input}}` at the brace. The braces of references are therefore
/// replaced by two characters of the private-use area that do not occur in the text, one for one so that columns
/// stay right, and put back when a scalar has been read.
struct YAMLText {
  /// The most bytes a manifest may have.
  static let maximumBytes = 4 * 1024 * 1024

  let bytes: [UInt8]
  private let open: Unicode.Scalar
  private let close: Unicode.Scalar
  private let hasReferences: Bool

  init(_ raw: [UInt8], file: String) throws(Diagnostic) {
    if raw.count > Self.maximumBytes {
      throw Diagnostic(
        SourceLocation(file: file, line: 0, column: 0),
        "the file has \(raw.count) bytes; a manifest may have at most \(Self.maximumBytes) (4 MiB)",
        hint: "is this really a manifest?")
    }
    let hasMark = raw.starts(with: [0xef, 0xbb, 0xbf])
    let content = hasMark ? Array(raw.dropFirst(3)) : raw
    let used = try Self.check(content, file: file).union(Self.escapes(content))
    guard let pair = Self.unused(used) else {
      throw Diagnostic(
        SourceLocation(file: file, line: 0, column: 0),
        "the file uses up all private-use characters; a manifest is plain text")
    }
    (open, close) = pair
    let masked = Self.mask(content, open: Self.encoded(open), close: Self.encoded(close))
    hasReferences = masked != nil
    bytes = masked ?? content
  }

  /// Puts the braces of references back.
  func restore(_ text: String) -> String {
    if !hasReferences { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      scalars.append(scalar == open ? "{" : scalar == close ? "}" : scalar)
    }
    return String(scalars)
  }

  private static let privateUse: ClosedRange<UInt32> = 0xe000...0xf8ff

  /// Refuses what is no text, and tells which private-use characters occur.
  private static func check(_ bytes: [UInt8], file: String) throws(Diagnostic) -> Set<UInt32> {
    var used: Set<UInt32> = []
    var line = 1
    var column = 1
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: return used
      case .error:
        throw Diagnostic(
          SourceLocation(file: file, line: line, column: column), "the text is not valid UTF-8",
          hint: "save the file as UTF-8")
      case .scalarValue(let scalar):
        let value = scalar.value
        if value == 0x0a {
          line += 1
          column = 1
          continue
        }
        let isAllowed =
          value == 0x09 || value == 0x0d || value == 0x85
          || value >= 0x20 && value < 0x7f
          || value >= 0xa0 && value != 0xfeff && value != 0xfffe && value != 0xffff
        if !isAllowed {
          throw Diagnostic(
            SourceLocation(file: file, line: line, column: column),
            "the character U+\(String(value, radix: 16, uppercase: true)) is not allowed in a text",
            hint: "remove it, or write it as an escape inside double quotes")
        }
        if privateUse.contains(value) { used.insert(value) }
        column += 1
      }
    }
  }

  /// The characters that escapes like `\ue000` stand for, whether or not they are inside double quotes.
  private static func escapes(_ bytes: [UInt8]) -> Set<UInt32> {
    var values: Set<UInt32> = []
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count {
      let length = bytes[index + 1] == UInt8(ascii: "u") ? 4 : 8
      if length == 8, bytes[index + 1] != UInt8(ascii: "U") { continue }
      let digits = String(decoding: bytes[(index + 2)...].prefix(length), as: UTF8.self)
      if let value = UInt32(digits, radix: 16) { values.insert(value) }
    }
    return values
  }

  private static func unused(_ used: Set<UInt32>) -> (Unicode.Scalar, Unicode.Scalar)? {
    let free = privateUse.lazy.filter { !used.contains($0) }.compactMap { Unicode.Scalar($0) }
    var iterator = free.makeIterator()
    guard let open = iterator.next(), let close = iterator.next() else { return nil }
    return (open, close)
  }

  /// Nil when there is no reference.
  private static func mask(_ bytes: [UInt8], open: [UInt8], close: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var copied = 0
    var index = 0
    while index + 1 < bytes.count {
      guard bytes[index] == UInt8(ascii: "$"), bytes[index + 1] == UInt8(ascii: "{") else {
        index += 1
        continue
      }
      var end = index + 2
      while end < bytes.count, isName(bytes[end]) { end += 1 }
      if end < bytes.count, bytes[end] == UInt8(ascii: "}") {
        result += bytes[copied...index]
        result += open
        result += bytes[(index + 2)..<end]
        result += close
        copied = end + 1
        index = end + 1
      } else {
        index = end
      }
    }
    if copied == 0 { return nil }
    result += bytes[copied...]
    return result
  }

  /// Also spaces and dots, so that a wrong reference is reported as such and not as broken YAML.
  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: " "):
      true
    default: false
    }
  }

  private static func encoded(_ scalar: Unicode.Scalar) -> [UInt8] {
    Array(String(Character(scalar)).utf8)
  }
}
