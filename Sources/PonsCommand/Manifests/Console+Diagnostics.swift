internal import PonsKit
internal import PonsManifest

extension Console {
  /// Shows findings about manifests, each with its place.
  func show(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      let label =
        diagnostic.severity == .error
        ? errorStyle.alarm("error:") : errorStyle.warning("warning:")
      error.write(
        "\(errorStyle.bold("\(diagnostic.location)".printable)): \(label) "
          + "\(diagnostic.message.printable)\n")
      if !diagnostic.hint.isEmpty {
        error.write("  \(errorStyle.dim("hint:")) \(diagnostic.hint.printable)\n")
      }
    }
  }
}

extension Diagnostic {
  /// The finding as a JSON object.
  var json: JSON {
    var members: [String: JSON] = [
      "file": .string(location.file), "message": .string(message),
      "severity": .string(severity.rawValue),
    ]
    if location.line > 0 {
      members["line"] = .integer(Int64(location.line))
      members["column"] = .integer(Int64(location.column))
    }
    if !hint.isEmpty { members["hint"] = .string(hint) }
    return .object(members)
  }
}
