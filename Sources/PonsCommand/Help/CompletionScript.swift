/// Completions for a shell, made from the tree of commands.
package enum CompletionShell: String, Sendable, CaseIterable {
  case bash
  case zsh

  /// The script; to be sourced, or put where the shell looks for completions.
  package func script(root: CommandDefinition) -> String {
    switch self {
    case .bash: BashCompletion.render(root: root)
    case .zsh: ZshCompletion.render(root: root)
    }
  }
}

extension CommandDefinition {
  /// Every command below this one with the words that select it, groups before their commands.
  func flattened(path: [String] = []) -> [(path: [String], command: CommandDefinition)] {
    [(path, self)] + commands.flatMap { $0.flattened(path: path + [$0.name]) }
  }
}
