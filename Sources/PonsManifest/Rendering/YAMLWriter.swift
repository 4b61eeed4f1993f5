internal import PonsKit

/// Writes YAML that reads back as the same nodes: one key a line, values in flow style behind it.
struct YAMLWriter {
  private(set) var text = ""
  let showsOrigins: Bool

  init(showsOrigins: Bool) { self.showsOrigins = showsOrigins }

  /// Writes `key:` for a mapping whose entries follow with more depth.
  mutating func open(_ key: String, depth: Int, origin: String? = nil) {
    line("\(Self.key(key)):", depth, origin)
  }

  /// Writes `key: value`.
  mutating func value(_ key: String, _ node: YAMLNode, depth: Int, origin: String? = nil) {
    line("\(Self.key(key)): \(Self.flow(node))", depth, origin)
  }

  /// Writes `key: value` for a text.
  mutating func value(_ key: String, _ value: String, depth: Int, origin: String? = nil) {
    line("\(Self.key(key)): \(Self.scalar(value, .quoted))", depth, origin)
  }

  /// Writes `- value`.
  mutating func element(_ value: String, depth: Int, origin: String? = nil) {
    line("- \(Self.scalar(value, .quoted))", depth, origin)
  }

  private mutating func line(_ content: String, _ depth: Int, _ origin: String?) {
    text += String(repeating: "  ", count: depth) + content
    if showsOrigins, let origin { text += "  # \(origin)" }
    text += "\n"
  }

  /// A value on one line.
  static func flow(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let text, let style): scalar(text, style)
    case .sequence(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\(key($0.key)): \(flow($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  private static func key(_ key: String) -> String { scalar(key, .quoted) }

  /// Plain scalars stay plain when nothing in them could be taken for syntax: what is not one of these characters can
  /// be no number, boolean or null, and means the same in quotes.
  static func scalar(_ text: String, _ style: YAMLNode.Style) -> String {
    if style == .plain, text.isEmpty { return "~" }
    if isPlainSafe(text) {
      if style == .plain { return text }
      if case .string = CoreSchema.resolve(text), !CoreSchema.isFormerBoolean(text) { return text }
    }
    return quoted(text)
  }

  private static func isPlainSafe(_ text: String) -> Bool {
    if text.isEmpty || text == "-" || text.hasPrefix("---") || text.hasPrefix("...") {
      return false
    }
    if text == "~" { return true }
    var inName = false
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        break
      case UInt8(ascii: "$"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "+"):
        if inName { return false }
      case UInt8(ascii: "{") where previous == UInt8(ascii: "$") && !inName: inName = true
      case UInt8(ascii: "}") where inName: inName = false
      default: return false
      }
      previous = byte
    }
    return !inName
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        let value = scalar.value
        let isPrintable =
          (0x20..<0x7f).contains(value)
          || value > 0xa0 && value < 0xd800 && value != 0x2028 && value != 0x2029
          || (0x10000..<0xe0000).contains(value)
        if isPrintable {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(value, radix: 16)
          result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }
}

extension YAMLNode {
  /// The node that reads as a value, wherever its type is asked for.
  init(_ value: JSON, at location: SourceLocation) {
    self.location = location
    switch value {
    case .null: content = .scalar("null", .plain)
    case .bool(let value): content = .scalar(value ? "true" : "false", .plain)
    case .integer(let value): content = .scalar(String(value), .plain)
    case .number(let value): content = .scalar(String(value), .plain)
    case .string(let text): content = .scalar(Template.escaped(text), .quoted)
    case .array(let elements):
      content = .sequence(elements.map { YAMLNode($0, at: location) })
    case .object(let members):
      content = .mapping(
        members.sorted { $0.key < $1.key }.map {
          YAMLEntry(key: $0.key, keyLocation: location, value: YAMLNode($0.value, at: location))
        })
    }
  }
}
