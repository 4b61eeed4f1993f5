/// A piece of HTML. What is put into a literal is escaped, unless it is markup itself:
/// `let cell: Markup = "<td>\(key)</td>"`.
///
/// The page is written so that it is well-formed XML as well: every element is closed, every attribute quoted.
package struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// The HTML.
  package private(set) var text: String

  package init(stringLiteral text: String) { self.text = text }

  package init(stringInterpolation parts: Interpolation) { text = parts.text }

  private init(_ text: String) { self.text = text }

  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }
    package mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
    package mutating func appendInterpolation(_ number: Int) { text += String(number) }
    package mutating func appendInterpolation(_ words: String) { text += Markup.escaped(words) }
    /// Pieces one behind the other.
    package mutating func appendInterpolation(_ pieces: [Markup]) {
      for piece in pieces { text += piece.text }
    }
    /// A place or length in a drawing.
    package mutating func appendInterpolation(at coordinate: Double) {
      text += coordinate.coordinate
    }
    /// A factor in a drawing.
    package mutating func appendInterpolation(exact factor: Double) {
      text += factor.isFinite ? factor.description : "1"
    }
    /// A picture as the address of itself.
    mutating func appendInterpolation(_ picture: PNGImage) {
      text += "data:image/png;base64,"
      text += Base64.text(picture.file)
    }
    /// The path of an outline.
    mutating func appendInterpolation(_ outline: Outline) { text += outline.path }
  }

  package static func + (left: Markup, right: Markup) -> Markup { Markup(left.text + right.text) }
  package static func += (left: inout Markup, right: Markup) { left.text += right.text }

  /// Text that means itself between tags and in quoted attributes, in HTML and in XML. What may stand in neither becomes U+FFFD.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}": result += "\u{fffd}"
      // What changes the direction of text that follows could disguise it.
      case "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}": result += "\u{fffd}"
      default:
        let isNoncharacter =
          scalar.value & 0xfffe == 0xfffe || (0xfdd0...0xfdef).contains(scalar.value)
        if isNoncharacter { result += "\u{fffd}" } else { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }
}

/// Bytes as text (RFC 4648).
enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
      var place = 0
      for start in stride(from: 0, to: bytes.count, by: 3) {
        let count = min(3, bytes.count - start)
        var group = 0
        for index in 0..<3 { group = group << 8 | (index < count ? Int(bytes[start + index]) : 0) }
        for digit in 0..<4 {
          text[place] =
            digit <= count ? digits[group >> (18 - 6 * digit) & 63] : UInt8(ascii: "=")
          place += 1
        }
      }
      return place
    }
  }
}
