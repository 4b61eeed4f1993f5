/// Why a model cannot be had.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was found and what was expected.
  public let message: String
  /// The model, or nil when it is about the registry or the whole store.
  public let model: String?
  /// What to do about it, or empty.
  public let hint: String

  /// Describes what is wrong.
  public init(_ message: String, model: String? = nil, hint: String = "") {
    self.message = message
    self.model = model
    self.hint = hint
  }

  /// Model and message in one line, without the hint.
  public var description: String { model.map { "model '\($0)': \(message)" } ?? message }
}
