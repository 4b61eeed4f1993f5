/// Something about a file that a user should know, although it could be read.
package struct Notice: Sendable, Equatable {
  /// For machines: `UNITS_CONVERTED`.
  package let code: String
  /// For people; no patient data.
  package let text: String

  /// A notice.
  package init(_ code: String, _ text: String) {
    self.code = code
    self.text = text
  }
}
