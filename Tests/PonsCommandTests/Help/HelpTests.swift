import PonsCommand
import Testing

@Suite struct HelpTests {
  private func all(
    _ command: CommandDefinition, _ path: [String]
  ) -> [(path: [String], command: CommandDefinition)] {
    [(path, command)] + command.commands.flatMap { all($0, path + [$0.name]) }
  }

  @Test(arguments: [70, 80, 100])
  func `help fits the width and names every option and operand`(width: Int) {
    for (path, command) in all(CommandTable.pons, ["pons"]) {
      let text = HelpText.render(path: path, command: command, style: .plain, width: width)
      for option in command.visibleOptions { #expect(text.contains("--\(option.name)")) }
      for operand in command.operands { #expect(text.contains(operand.name)) }
      for child in command.commands { #expect(text.contains(child.name)) }
      let examples = Set(command.examples.flatMap { ["  " + $0.line, "  # " + $0.summary] })
      for line in text.split(separator: "\n").map(String.init) {
        let isExample = examples.contains(line) || line.hasPrefix("  pons ")
        let isLabel = line.hasPrefix("  ") && !line.dropFirst(2).contains("  ")
        #expect(
          line.count <= width || isExample || isLabel || line.hasPrefix("      --"), "\(line)")
      }
    }
  }

  @Test func `help is the same whichever way it is asked for`() {
    let result = ProgramResult("help", "run")
    #expect(result.code == .success)
    #expect(result.out == ProgramResult("run", "--help").out)
    #expect(result.out == ProgramResult("run", "-h").out)
    #expect(result.out.contains("pons run MANIFEST [options]"))
    #expect(result.error.isEmpty)
  }

  @Test func `help on a command that is none suggests one`() {
    let result = ProgramResult("help", "plugins", "chek")
    #expect(result.code == .usage)
    #expect(result.error.contains("hint: did you mean \"check\"?"))
  }

  @Test
  func `the manual page names every command and option, and no line is an accidental request`() {
    let page = ManualPage.render(root: CommandTable.pons, version: "1.2.3")
    let known: Set = [".TH", ".SH", ".SS", ".TP", ".PP", ".br", ".nf", ".fi"]
    for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(known.contains(String(line.prefix { $0 != " " })), "\(line)")
    }
    for (path, command) in all(CommandTable.pons, ["pons"]) where command.commands.isEmpty {
      #expect(page.contains(".SS " + path.joined(separator: " ")))
      for option in command.visibleOptions {
        #expect(page.contains(option.name.split(separator: "-").joined(separator: "\\-")))
      }
    }
    for code in ExitCode.allCases { #expect(page.contains("\\fB\(code.rawValue)\\fR")) }
  }

  @Test func `without a command, what is missing is said`() {
    let result = ProgramResult()
    #expect(result.code == .usage)
    #expect(result.out.isEmpty)
    #expect(result.error.contains("error: pons needs a command"))
  }

  @Test func `the version is shown either way`() {
    #expect(ProgramResult("version").out.hasPrefix(ProgramResult("--version").out))
    #expect(ProgramResult("version").out.hasPrefix("pons \(ProgramVersion.text)"))
    #expect(ProgramResult("version", "--json").out.hasPrefix("{\"abi\":\"1."))
  }
}
