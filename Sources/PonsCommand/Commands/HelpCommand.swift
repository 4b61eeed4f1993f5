internal import PonsManifest

extension CommandDefinition {
  static let help: CommandDefinition = .init(
    "help", "Shows help for a command",
    operands: [
      OperandDefinition(
        "COMMAND", .command, "The command; without it, an overview", isOptional: true,
        isRepeatable: true)
    ],
    options: [OptionDefinition("man", "Write the manual page", isHidden: true)]
  ) { invocation, context in
    let root = CommandTable.pons
    if invocation.has("man") {
      context.console.out.write(ManualPage.render(root: root, version: ProgramVersion.text))
      return .success
    }
    var command = root
    var path = [root.name]
    for word in invocation.operands {
      guard let next = command.command(word) else {
        let nearest = Suggestion.nearest(to: word, among: command.commands.map(\.name))
        throw UsageError(
          "there is no command \"\((path + [word]).joined(separator: " "))\"",
          hint: nearest.map { "did you mean \"\($0)\"?" } ?? "", path: path)
      }
      command = next
      path.append(word)
    }
    context.console.showHelp(path: path, command: command)
    return .success
  }
}

extension Console {
  /// Writes the help of a command as a result.
  func showHelp(path: [String], command: CommandDefinition) {
    out.write(HelpText.render(path: path, command: command, style: outStyle, width: width))
  }
}
