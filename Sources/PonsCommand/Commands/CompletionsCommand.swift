extension CommandDefinition {
  static let completions: CommandDefinition = .init(
    "completions", "Writes completions for a shell",
    discussion: """
      To try them: source <(pons completions bash). "make install" puts them where bash and zsh \
      look for them.
      """,
    operands: [
      OperandDefinition(
        "SHELL", .choice(CompletionShell.allCases.map(\.rawValue)), "The shell: bash or zsh")
    ]
  ) { invocation, context in
    guard let shell = invocation.operands.first.flatMap(CompletionShell.init(rawValue:)) else {
      throw UsageError("no such shell", path: invocation.path)
    }
    context.console.out.write(shell.script(root: CommandTable.pons))
    return .success
  }
}
