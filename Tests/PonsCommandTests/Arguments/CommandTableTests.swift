import PonsCommand
import Testing

@Suite struct CommandTableTests {
  private func all(_ command: CommandDefinition) -> [CommandDefinition] {
    [command] + command.commands.flatMap(all)
  }

  @Test func `names are unique within each command`() {
    for command in all(CommandTable.pons) {
      let options = command.options.map(\.name)
      #expect(Set(options).count == options.count, "\(command.name): \(options)")
      let letters = command.options.compactMap(\.short)
      #expect(Set(letters).count == letters.count, "\(command.name): \(letters)")
      let names = command.commands.map(\.name)
      #expect(Set(names).count == names.count)
    }
  }

  @Test func `summaries are single sentences without a full stop`() {
    for command in all(CommandTable.pons) {
      let texts =
        [command.summary] + command.options.map(\.summary) + command.operands.map(\.summary)
      for text in texts {
        #expect(!text.isEmpty && !text.hasSuffix(".") && !text.contains("\n"), "\(text)")
        #expect(text.first?.isUppercase == true, "\(text)")
      }
    }
  }

  @Test func `a command either does something or has commands`() {
    for command in all(CommandTable.pons) {
      #expect((command.action == nil) == !command.commands.isEmpty, "\(command.name)")
    }
  }

  @Test func `examples can be typed`() throws {
    for command in all(CommandTable.pons) {
      for example in command.examples {
        let words = example.line.split(separator: " ").map(String.init)
        #expect(words.first == "pons")
        _ = try ArgumentParser.parse(Array(words.dropFirst()), root: CommandTable.pons)
      }
    }
  }
}
