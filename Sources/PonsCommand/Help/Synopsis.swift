/// The line that says how a command is typed.
enum Synopsis {
  /// `pons run MANIFEST [options]`.
  static func line(path: [String], command: CommandDefinition) -> String {
    var words = path
    if !command.commands.isEmpty { words.append("COMMAND") }
    words += command.operands.map(\.spelling)
    if !command.visibleOptions.allSatisfy({ $0 == .help }) { words.append("[options]") }
    return words.joined(separator: " ")
  }
}
