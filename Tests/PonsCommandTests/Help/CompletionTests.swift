import Glibc
import PonsCommand
import Testing

/// The scripts are run by the shells they are for.
@Suite struct CompletionTests {
  static func has(_ shell: String) -> Bool { access("/usr/bin/" + shell, X_OK) == 0 }

  /// What bash offers for a line whose last word is being typed.
  private func offers(_ words: [String]) throws -> Set<String> {
    let quoted = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      \(CompletionShell.bash.script(root: CommandTable.pons))
      COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); _pons
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let result = try ShellScript.run(script, shell: "bash")
    #expect(result.status == 0)
    return Set(result.output.split(separator: "\n").map(String.init))
  }

  @Test(.enabled(if: has("bash"))) func `bash completes commands, options and words`() throws {
    #expect(try offers(["pons", ""]) == Set(CommandTable.pons.commands.map(\.name)))
    #expect(try offers(["pons", "va"]) == ["validate"])
    #expect(try offers(["pons", "run", "m.yaml", "--out"]) == ["--output"])
    #expect(try offers(["pons", "plugins", ""]) == ["list", "inspect", "check", "new"])
    #expect(try offers(["pons", "run", "--color", "a"]) == ["auto", "always"])
    #expect(try offers(["pons", "completions", "z"]) == ["zsh"])
    #expect(try offers(["pons", "plugins", "list", "--js"]) == ["--json"])
  }

  @Test(.enabled(if: has("zsh"))) func `zsh reads its script`() throws {
    let script = CompletionShell.zsh.script(root: CommandTable.pons)
    #expect(try ShellScript.run(script, shell: "zsh", options: ["-n"]).status == 0)
    #expect(script.hasPrefix("#compdef pons\n"))
    #expect(script.contains("--output="))
  }
}
