/// The manual page, in the man macros of roff.
package enum ManualPage {
  /// The page of a tree of commands.
  package static func render(root: CommandDefinition, version: String) -> String {
    var page = Page()
    page.raw(".TH \"\(root.name.uppercased())\" 1 \"\" \"Pons \(version)\" \"User commands\"")
    page.section("Name")
    page.text("\(root.name) - \(root.summary.lowercasedFirst)")
    page.section("Synopsis")
    page.synopses(of: root, path: [root.name])
    page.section("Description")
    page.paragraphs(root.discussion)
    page.section("Commands")
    page.commands(of: root, path: [root.name])
    page.section("Exit status")
    for code in ExitCode.allCases { page.item(String(code.rawValue), code.summary + ".") }
    page.section("Environment")
    for variable in EnvironmentVariable.allCases {
      page.item(variable.rawValue, variable.summary + ".")
    }
    page.section("Examples")
    page.examples(of: root)
    return page.lines.joined(separator: "\n") + "\n"
  }
}

private struct Page {
  var lines = [String]()

  mutating func raw(_ line: String) { lines.append(line) }

  mutating func section(_ title: String) { raw(".SH " + title.uppercased()) }

  /// A line of text; nothing in it is taken for a request.
  mutating func text(_ line: String) { raw(Page.escaped(line)) }

  mutating func paragraphs(_ text: String) {
    var isVerbatim = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(" ") != isVerbatim {
        isVerbatim.toggle()
        raw(isVerbatim ? ".nf" : ".fi")
      }
      if line.isEmpty { raw(".PP") } else { self.text(String(line)) }
    }
    if isVerbatim { raw(".fi") }
  }

  mutating func item(_ label: String, _ text: String) {
    raw(".TP")
    raw("\\fB" + Page.escaped(label) + "\\fR")
    self.text(text)
  }

  mutating func synopses(of command: CommandDefinition, path: [String]) {
    guard !command.commands.isEmpty else {
      raw("\\fB" + Page.escaped(path.joined(separator: " ")) + "\\fR")
      let line = Synopsis.line(path: [], command: command)
      if !line.isEmpty { text(line) }
      raw(".br")
      return
    }
    for child in command.commands { synopses(of: child, path: path + [child.name]) }
  }

  mutating func commands(of command: CommandDefinition, path: [String]) {
    for child in command.commands {
      let childPath = path + [child.name]
      if child.commands.isEmpty {
        raw(".SS " + Page.escaped(Synopsis.line(path: childPath, command: child)))
        text(child.summary + ".")
        if !child.discussion.isEmpty {
          raw(".PP")
          paragraphs(child.discussion)
        }
        for operand in child.operands { item(operand.name, operand.summary + ".") }
        for option in child.visibleOptions where option != .help {
          let short = option.short.map { "-\($0), " } ?? ""
          item(short + option.spelling, option.summary + ".")
        }
      } else {
        commands(of: child, path: childPath)
      }
    }
  }

  mutating func examples(of command: CommandDefinition) {
    for example in command.examples { item(example.line, example.summary + ".") }
    for child in command.commands { examples(of: child) }
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
  }
}
