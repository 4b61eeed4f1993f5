/// Completions for bash. They need nothing but bash itself.
enum BashCompletion {
  static func render(root: CommandDefinition) -> String {
    let all = root.flattened()
    var lines = [
      "# Completions of \(root.name) for bash; written by: \(root.name) completions bash",
      "_\(root.name)() {",
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}",
      "  local command= words= files= i",
      "  for ((i = 1; i < COMP_CWORD; i++)); do",
      "    case \"$command ${COMP_WORDS[i]}\" in",
    ]
    for entry in all where !entry.path.isEmpty {
      let before = entry.path.dropLast().joined(separator: " ")
      let own = entry.path.joined(separator: " ")
      lines.append("      \"\(before) \(entry.path.last ?? "")\") command=\"\(own)\" ;;")
    }
    lines += ["    esac", "  done", "  case \"$command:$previous\" in"]
    for entry in all {
      for option in entry.command.visibleOptions where option.value != .none {
        let key = entry.path.joined(separator: " ")
        let names = ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
        let pattern = names.map { "\"\(key):\($0)\"" }.joined(separator: "|")
        lines.append("    \(pattern)) \(action(for: option.value)) ;;")
      }
    }
    lines += ["    *)", "      case \"$command\" in"]
    for entry in all {
      let options = entry.command.visibleOptions.map { "--\($0.name)" }
      lines.append("        \"\(entry.path.joined(separator: " "))\")")
      lines.append("          if [[ $current == -* ]]; then")
      lines.append("            words=\"\(options.joined(separator: " "))\"")
      lines.append("          else")
      lines.append("            \(operands(of: entry.command, root: root))")
      lines.append("          fi ;;")
    }
    lines += [
      "      esac ;;",
      "  esac",
      "  COMPREPLY=()",
      "  if [[ -n $words ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\")); fi",
      "  if [[ -n $files ]]; then",
      "    compopt -o filenames 2> /dev/null",
      "    local IFS=$'\\n'",
      "    COMPREPLY+=($(compgen \"$files\" -- \"$current\"))",
      "  fi",
      "}",
      "complete -F _\(root.name) \(root.name)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func action(for value: OptionDefinition.Value) -> String {
    switch value {
    case .file: "files=-f"
    case .folder: "files=-d"
    case .choice(let words): "words=\"\(words.joined(separator: " "))\""
    case .none, .text, .integer, .bytes: "return"
    }
  }

  private static func operands(of command: CommandDefinition, root: CommandDefinition) -> String {
    if !command.commands.isEmpty {
      return "words=\"\(command.commands.map(\.name).joined(separator: " "))\""
    }
    for operand in command.operands {
      switch operand.content {
      case .manifest, .plugin, .file: return "files=-f"
      case .choice(let words): return "words=\"\(words.joined(separator: " "))\""
      case .command: return "words=\"\(root.commands.map(\.name).joined(separator: " "))\""
      case .text: break
      }
    }
    return "return"
  }
}
