/// A command line that cannot be understood.
package struct UsageError: Error, Sendable, Hashable {
  /// What is wrong.
  package var message: String
  /// What to type instead, or empty.
  package var hint: String
  /// The words of the command that was being read, beginning with `pons`.
  package var path: [String]

  /// Describes what cannot be understood.
  package init(_ message: String, hint: String = "", path: [String]) {
    self.message = message
    self.hint = hint
    self.path = path
  }
}
