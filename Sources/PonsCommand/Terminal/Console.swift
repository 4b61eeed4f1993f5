/// What a command writes to.
package struct Console: Sendable {
  /// Results.
  package var out: any TextOutput
  /// Progress and problems.
  package var error: any TextOutput
  /// Style of results.
  package var outStyle: Style
  /// Style of progress and problems.
  package var errorStyle: Style

  /// A console on two outputs.
  package init(
    out: any TextOutput, error: any TextOutput, outStyle: Style = .plain,
    errorStyle: Style = .plain
  ) {
    self.out = out
    self.error = error
    self.outStyle = outStyle
    self.errorStyle = errorStyle
  }

  /// A console on the outputs of the process, with colours where people look and want them.
  package init(
    out: any TextOutput, error: any TextOutput, color: ColorChoice, environment: [String: String]
  ) {
    func style(_ output: any TextOutput) -> Style {
      let locale =
        [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]]
        .compactMap { $0 }.first { !$0.isEmpty } ?? ""
      let isDumb = environment["TERM"] == "dumb"
      let wanted =
        switch color {
        case .always: true
        case .never: false
        case .auto:
          output.isTerminal && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
        }
      let upper = locale.uppercased()
      return Style(
        isColored: wanted, isUnicode: upper.hasSuffix("UTF-8") || upper.hasSuffix("UTF8"))
    }
    self.init(out: out, error: error, outStyle: style(out), errorStyle: style(error))
  }

  /// Writes a line of a result.
  package func print(_ line: String = "") { out.write(line + "\n") }

  /// Reports a problem: `error: ...`, then a line that says what to do.
  package func report(_ message: String, hint: String = "") {
    var text = errorStyle.alarm("error:") + " " + message + "\n"
    if !hint.isEmpty { text += errorStyle.dim("hint:") + " " + hint + "\n" }
    error.write(text)
  }

  /// Columns to lay texts out for.
  package var width: Int { out.size?.columns ?? 80 }
}

/// When to write colours.
package enum ColorChoice: String, Sendable, CaseIterable {
  /// On terminals.
  case auto
  /// Always.
  case always
  /// Never.
  case never
}
