/// Something that a reader of a manifest should know: where it is, what was found, what to do.
public struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  /// Whether the manifest can be used all the same.
  public enum Severity: String, Sendable, Hashable {
    case error
    case warning
  }

  /// Where it was found.
  public var location: SourceLocation
  /// What was found and what was expected.
  public var message: String
  /// The nearest valid name, or what to do; may be empty.
  public var hint: String
  /// Whether the manifest can be used all the same.
  public var severity: Severity

  /// Describes a finding.
  public init(
    _ location: SourceLocation, _ message: String, hint: String = "", severity: Severity = .error
  ) {
    self.location = location
    self.message = message
    self.hint = hint
    self.severity = severity
  }

  /// `file:line:column: error: message`, with the hint in a second, indented line.
  public var description: String {
    let first = "\(location): \(severity.rawValue): \(message)"
    return hint.isEmpty ? first : "\(first)\n  \(hint)"
  }
}

/// Everything that keeps a manifest from being used, sorted by file, line and column.
public struct ManifestErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// The errors; never empty.
  public var diagnostics: [Diagnostic]

  init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// One block of text per error.
  public var description: String {
    diagnostics.map(\.description).joined(separator: "\n")
  }
}
