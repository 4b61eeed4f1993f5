/// Completions for zsh, through its own `_arguments` and `_describe`.
enum ZshCompletion {
  static func render(root: CommandDefinition) -> String {
    var lines = [
      "#compdef \(root.name)",
      "# Completions of \(root.name) for zsh; written by: \(root.name) completions zsh",
    ]
    for entry in root.flattened().reversed() {
      lines.append("")
      lines += function(for: entry.command, path: [root.name] + entry.path, root: root)
    }
    lines += [
      "",
      "if [[ $funcstack[1] == _\(root.name) ]]; then",
      "  _\(root.name) \"$@\"",
      "else",
      "  compdef _\(root.name) \(root.name)",
      "fi",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func function(
    for command: CommandDefinition, path: [String], root: CommandDefinition
  ) -> [String] {
    let name = "_" + path.joined(separator: "_")
    var specifications = command.visibleOptions.flatMap(specifications(of:))
    guard !command.commands.isEmpty else {
      for (index, operand) in command.operands.enumerated() {
        let place = operand.isRepeatable ? "*" : "\(index + 1)"
        let optional = operand.isOptional ? "::" : ":"
        specifications.append(
          "'\(place)\(optional)\(escaped(operand.name.lowercased())):"
            + "\(action(for: operand.content, root: root))'")
      }
      return ["\(name)() {", "  _arguments -s \\"]
        + specifications.map { "    \($0) \\" } + ["    && return", "}"]
    }
    specifications += ["'1: :->command'", "'*:: :->rest'"]
    var lines = [
      "\(name)() {", "  local context state line", "  local -a commands", "  commands=(",
    ]
    lines += command.commands.map { "    '\($0.name):\(escaped($0.summary))'" }
    lines += ["  )", "  _arguments -C \\"]
    lines += specifications.map { "    \($0) \\" }
    lines += ["    && return", "  case $state in"]
    lines += ["    command) _describe command commands ;;", "    rest)", "      case $line[1] in"]
    lines += command.commands.map { "        \($0.name)) \(name)_\($0.name) ;;" }
    lines += ["      esac ;;", "  esac", "}"]
    return lines
  }

  private static func specifications(of option: OptionDefinition) -> [String] {
    let names = ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
    let others = option.isRepeatable ? "*" : "(\(names.joined(separator: " ")))"
    let text = "[\(escaped(option.summary))]"
    return names.map { name in
      guard let placeholder = option.placeholder else { return "'\(others)\(name)\(text)'" }
      let long = name.hasPrefix("--") ? "=" : "+"
      let action =
        switch option.value {
        case .file: "_files"
        case .folder: "_files -/"
        case .choice(let words): "(\(words.joined(separator: " ")))"
        case .none, .text, .integer, .bytes: " "
        }
      let label = if case .choice = option.value { option.name } else { placeholder.lowercased() }
      return "'\(others)\(name)\(long)\(text):\(escaped(label)):\(action)'"
    }
  }

  private static func action(
    for content: OperandDefinition.Content, root: CommandDefinition
  ) -> String {
    switch content {
    case .manifest: "_files -g \"*.(yaml|yml)\""
    case .plugin: "_files -g \"*.so\""
    case .file: "_files"
    case .command: "(\(root.commands.map(\.name).joined(separator: " ")))"
    case .choice(let words): "(\(words.joined(separator: " ")))"
    case .text: " "
    }
  }

  /// Protects what `_arguments` and `_describe` take for syntax, inside single quotes.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "'": result += "'\\''"
      case ":", "[", "]", "\\": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
