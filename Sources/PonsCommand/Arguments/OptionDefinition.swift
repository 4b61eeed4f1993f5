/// An option of a command, as the parser, the help texts, the manual page and the completions see it.
package struct OptionDefinition: Sendable, Hashable {
  /// What follows the name of an option.
  package enum Value: Sendable, Hashable {
    /// Nothing: the option is there or not.
    case none
    /// Any text; the placeholder is for help texts.
    case text(String)
    /// Path of a file.
    case file(String)
    /// Path of a folder.
    case folder(String)
    /// A whole number within a range.
    case integer(String, ClosedRange<Int>)
    /// An amount of memory, like `512M` or `2G`.
    case bytes(String)
    /// One of a few words.
    case choice([String])
  }

  /// The long name, without dashes.
  package var name: String
  /// A one-letter name.
  package var short: Character?
  /// What follows.
  package var value: Value
  /// One sentence for people, without a full stop.
  package var summary: String
  /// Whether it may be given more than once.
  package var isRepeatable: Bool
  /// Left out of help texts and completions.
  package var isHidden: Bool

  /// Describes an option without a value.
  package init(
    _ name: String, short: Character? = nil, _ summary: String, isHidden: Bool = false
  ) {
    self.init(name, short: short, .none, summary, isHidden: isHidden)
  }

  /// Describes an option.
  package init(
    _ name: String, short: Character? = nil, _ value: Value, _ summary: String,
    isRepeatable: Bool = false, isHidden: Bool = false
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.summary = summary
    self.isRepeatable = isRepeatable
    self.isHidden = isHidden
  }

  /// What help texts show in the place of the value, or nil when there is none.
  package var placeholder: String? {
    switch value {
    case .none: nil
    case .text(let name), .file(let name), .folder(let name), .integer(let name, _),
      .bytes(let name):
      name
    case .choice(let words): words.joined(separator: "|")
    }
  }

  /// How the option is written in full: `--output DIR`.
  package var spelling: String {
    placeholder.map { "--\(name) \($0)" } ?? "--\(name)"
  }
}
