internal import PonsEngine
internal import PonsKit

/// Single lines for people about single events.
struct EventLines {
  let style: Style

  /// A log record, or nil when it is of no interest to most people.
  func log(
    level: LogLevel, stage: String?, caseKey: String?, code: String, text: String
  ) -> String? {
    guard level >= .notice else { return nil }
    let label = level == .warning ? style.warning("warning:") : style.accent("note:")
    let place = self.place(stage: stage, caseKey: caseKey)
    let suffix = code.isEmpty ? "" : style.dim(" [\(code.printable)]")
    return "\(label) \(place.isEmpty ? "" : place + ": ")\(text.printable)\(suffix)"
  }

  /// The fate of a case.
  func settled(_ summary: CaseSummary) -> String {
    let word = summary.status.rawValue
    let label =
      switch summary.status {
      case .done: style.good(word)
      case .filtered, .notSelected: style.warning(word)
      case .quarantined: style.bad(word)
      }
    var line = "\(label) \(summary.caseKey.printable)"
    if summary.status != .done { line += why(summary) }
    return line
  }

  /// `  at read: TRUNCATED, the file ends early`, as far as it is known.
  private func why(_ summary: CaseSummary) -> String {
    let stage = summary.stage.map { " at \($0)" } ?? ""
    // What a filter decides has no code of its own.
    let code = summary.status == .quarantined ? summary.code : nil
    let words = [code, summary.reason].compactMap { $0?.printable }.filter { !$0.isEmpty }
    return stage + (words.isEmpty ? "" : ": " + words.joined(separator: ", "))
  }

  private func place(stage: String?, caseKey: String?) -> String {
    [stage, caseKey.map { "case \($0)" }].compactMap { $0?.printable }.joined(separator: ", ")
  }
}
