/// A value in a YAML text, with the place where it stands. Scalars keep their text: what type they have is decided by
/// whoever asks for them.
struct YAMLNode: Sendable, Hashable {
  /// How a scalar was written.
  enum Style: Sendable, Hashable {
    /// Without quotes: may be a number, a boolean or null.
    case plain
    /// In quotes or as a block: always text.
    case quoted
    /// After `--set name=`: text where text is wanted, else YAML that has still to be read.
    case commandLine
  }

  enum Content: Sendable, Hashable {
    case scalar(String, Style)
    case sequence([YAMLNode])
    case mapping([YAMLEntry])
  }

  var content: Content
  var location: SourceLocation

  /// The text of a scalar.
  var text: String? {
    if case .scalar(let text, _) = content { return text }
    return nil
  }

  /// `key:` with nothing behind it.
  var isMissing: Bool { content == .scalar("", .plain) }

  /// What it is, for error messages.
  var summary: String {
    switch content {
    case .scalar("", .plain): "nothing"
    case .scalar(let text, .quoted): "the text \"\(YAMLNode.shortened(text))\""
    case .scalar(let text, _): "'\(YAMLNode.shortened(text))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// At most 60 characters on one line, so that a message stays readable.
  static func shortened(_ text: String) -> String {
    let line = String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(61).map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    return line.unicodeScalars.count > 60
      ? String(String.UnicodeScalarView(line.unicodeScalars.prefix(57))) + "..." : line
  }
}

/// One `key: value` of a mapping.
struct YAMLEntry: Sendable, Hashable {
  var key: String
  var keyLocation: SourceLocation
  var value: YAMLNode
}
