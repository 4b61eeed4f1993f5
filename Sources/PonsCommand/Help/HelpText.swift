/// The text of `--help`.
package enum HelpText {
  /// Help for one command, wrapped to a width in columns.
  package static func render(
    path: [String], command: CommandDefinition, style: Style, width: Int
  ) -> String {
    let width = min(max(width, 40), 100)
    var sections = [command.summary + "."]
    sections.append(
      style.bold("Usage") + "\n  " + Synopsis.line(path: path, command: command))
    if !command.discussion.isEmpty {
      sections.append(TextLayout.wrap(command.discussion, width: width))
    }
    add("Commands", command.commands.map { ($0.name, $0.summary) })
    add("Arguments", command.operands.map { ($0.name, $0.summary) })
    add("Options", command.visibleOptions.map { (label(of: $0), $0.summary) })
    if !command.examples.isEmpty {
      let lines = command.examples.map { example in
        "  " + style.dim("# " + example.summary) + "\n  " + example.line
      }
      sections.append(style.bold("Examples") + "\n" + lines.joined(separator: "\n"))
    }
    if path.count == 1 {
      add("Exit codes", ExitCode.allCases.map { (String($0.rawValue), $0.summary) })
      add("Environment", EnvironmentVariable.allCases.map { ($0.rawValue, $0.summary) })
      sections.append(
        TextLayout.wrap(
          "\"pons help COMMAND\" says more about a command; \"man pons\" has everything.",
          width: width))
    }
    return sections.joined(separator: "\n\n") + "\n"

    func add(_ title: String, _ rows: [(String, String)]) {
      guard !rows.isEmpty else { return }
      let table = TextLayout.table(rows, width: width) { style.accent($0) }
      sections.append(style.bold(title) + "\n" + table)
    }
  }

  private static func label(of option: OptionDefinition) -> String {
    let short = option.short.map { "-\($0), " } ?? "    "
    return short + option.spelling
  }
}
