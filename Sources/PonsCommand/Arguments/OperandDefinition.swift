/// An argument of a command that is found by its place.
package struct OperandDefinition: Sendable, Hashable {
  /// What it names, which decides what a shell completes.
  package enum Content: Sendable, Hashable {
    /// A manifest: a file, or the name of one that Pons ships.
    case manifest
    /// A plugin file.
    case plugin
    /// Any file or folder.
    case file
    /// The name of a command.
    case command
    /// One of a few words.
    case choice([String])
    /// Something else.
    case text
  }

  /// Upper-case name for help texts.
  package var name: String
  /// What it names.
  package var content: Content
  /// One sentence for people, without a full stop.
  package var summary: String
  /// Whether it may be left out.
  package var isOptional: Bool
  /// Whether there may be more than one.
  package var isRepeatable: Bool

  /// Describes an operand.
  package init(
    _ name: String, _ content: Content, _ summary: String, isOptional: Bool = false,
    isRepeatable: Bool = false
  ) {
    self.name = name
    self.content = content
    self.summary = summary
    self.isOptional = isOptional
    self.isRepeatable = isRepeatable
  }

  /// How synopses show it: `[NAME...]`.
  package var spelling: String {
    let text = isRepeatable ? name + "..." : name
    return isOptional ? "[\(text)]" : text
  }
}
