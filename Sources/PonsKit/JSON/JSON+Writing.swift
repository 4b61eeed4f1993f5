extension JSON {
  /// Canonical text: members sorted by the UTF-8 bytes of their names, no white space, shortest
  /// numbers that read back to the same value. Equal values give equal bytes, so digests may be
  /// taken of it.
  ///
  /// Numbers that JSON cannot hold are written as strings: `"nan"`, `"inf"`, `"-inf"`.
  public var canonical: String {
    var text = ""
    write(to: &text, indentation: nil)
    return text
  }

  /// Text for people: one member a line, indented by two spaces, members sorted.
  public var pretty: String {
    var text = ""
    write(to: &text, indentation: 0)
    return text
  }

  private func write(to text: inout String, indentation: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): JSON.write(number: value, to: &text)
    case .string(let value): JSON.write(string: value, to: &text)
    case .array(let elements):
      JSON.write(
        elements, between: ("[", "]"), to: &text, indentation: indentation
      ) { element, text, inner in
        element.write(to: &text, indentation: inner)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      JSON.write(
        sorted, between: ("{", "}"), to: &text, indentation: indentation
      ) { member, text, inner in
        JSON.write(string: member.key, to: &text)
        text += inner == nil ? ":" : ": "
        member.value.write(to: &text, indentation: inner)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], between brackets: (String, String), to text: inout String,
    indentation: Int?, element write: (Element, inout String, Int?) -> Void
  ) {
    text += brackets.0
    let inner = indentation.map { $0 + 1 }
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      if let inner { text += "\n" + String(repeating: "  ", count: inner) }
      write(element, &text, inner)
    }
    if let indentation, !elements.isEmpty {
      text += "\n" + String(repeating: "  ", count: indentation)
    }
    text += brackets.1
  }

  private static func write(number value: Double, to text: inout String) {
    if value.isNaN {
      text += "\"nan\""
    } else if value.isInfinite {
      text += value < 0 ? "\"-inf\"" : "\"inf\""
    } else {
      // Swift's description is the shortest that reads back equal, and always has a point or an exponent.
      text += value.description
    }
  }

  private static func write(string value: String, to text: inout String) {
    let digits = Array("0123456789abcdef".unicodeScalars)
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case let control where control.value < 0x20 || control.value == 0x7f:
        text += "\\u00"
        text.unicodeScalars.append(digits[Int(control.value >> 4)])
        text.unicodeScalars.append(digits[Int(control.value & 15)])
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
