/// Colours and weights of a terminal, or none.
package struct Style: Sendable, Hashable {
  /// Whether escape sequences are written.
  package var isColored: Bool
  /// Whether the terminal shows more than ASCII.
  package var isUnicode: Bool

  /// Describes what a terminal shows.
  package init(isColored: Bool, isUnicode: Bool = true) {
    self.isColored = isColored
    self.isUnicode = isUnicode
  }

  /// No colours.
  package static let plain = Style(isColored: false)

  func bold(_ text: String) -> String { mark(text, "1") }
  func dim(_ text: String) -> String { mark(text, "2") }
  func accent(_ text: String) -> String { mark(text, "36") }
  func good(_ text: String) -> String { mark(text, "32") }
  func warning(_ text: String) -> String { mark(text, "33") }
  func bad(_ text: String) -> String { mark(text, "31") }
  func alarm(_ text: String) -> String { mark(text, "1;31") }

  private func mark(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
