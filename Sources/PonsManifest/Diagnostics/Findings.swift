/// Collects what is wrong, so that one error does not hide the next.
struct Findings: Sendable {
  private(set) var diagnostics: [Diagnostic] = []
  /// The order of files is the order in which they were read, so that reports follow the layers.
  private var fileOrder: [String: Int] = [:]

  /// How many errors get a hint: finding the nearest of many names costs time, and nobody reads further.
  private static let maximumHints = 500

  mutating func error(
    _ location: SourceLocation, _ message: String, hint: @autoclosure () -> String = ""
  ) {
    add(Diagnostic(location, message, hint: givesHints ? hint() : ""))
  }

  var givesHints: Bool { diagnostics.count < Self.maximumHints }

  mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  mutating func add(_ others: [Diagnostic]) { diagnostics += others }

  /// Tells that a file takes part; errors are sorted in this order of files.
  mutating func note(file: String) {
    if fileOrder[file] == nil { fileOrder[file] = fileOrder.count }
  }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// Without repetitions, sorted by file, line, column and text.
  var sorted: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    let unique = diagnostics.filter { seen.insert($0).inserted }
    return unique.sorted { left, right in
      let leftFile = fileOrder[left.location.file] ?? Int.max
      let rightFile = fileOrder[right.location.file] ?? Int.max
      if leftFile != rightFile { return leftFile < rightFile }
      let a = (left.location.file, left.location.line, left.location.column, left.message)
      let b = (right.location.file, right.location.line, right.location.column, right.message)
      return a < b
    }
  }

  func throwErrors() throws(ManifestErrors) {
    let errors = sorted.filter { $0.severity == .error }
    if !errors.isEmpty { throw ManifestErrors(errors) }
  }
}
