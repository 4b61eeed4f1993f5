/// A command, or a group of commands. The tree of these is the only place that says what can be typed: the
/// parser, `--help`, the manual page and the completions all read it.
package struct CommandDefinition: Sendable {
  /// A line to type, and what it does.
  package struct Example: Sendable, Hashable {
    /// What to type.
    package var line: String
    /// What it does.
    package var summary: String

    /// Describes an example.
    package init(_ line: String, _ summary: String) {
      self.line = line
      self.summary = summary
    }
  }

  /// What runs a command.
  package typealias Action = @Sendable (Invocation, CommandContext) throws -> ExitCode

  /// The word that selects it.
  package var name: String
  /// One line for people, without a full stop.
  package var summary: String
  /// Paragraphs for people; an empty line separates them.
  package var discussion: String
  /// What is found by its place.
  package var operands: [OperandDefinition]
  /// What is found by its name.
  package var options: [OptionDefinition]
  /// What can be typed, and what it does.
  package var examples: [Example]
  /// The commands of a group.
  package var commands: [CommandDefinition]
  /// What runs it; nil for groups.
  package var action: Action?

  /// Describes a command.
  package init(
    _ name: String, _ summary: String, discussion: String = "",
    operands: [OperandDefinition] = [], options: [OptionDefinition] = [],
    examples: [Example] = [], action: @escaping Action
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.operands = operands
    self.options = options + [.help]
    self.examples = examples
    self.commands = []
    self.action = action
  }

  /// Describes a group of commands.
  package init(
    group name: String, _ summary: String, discussion: String = "",
    options: [OptionDefinition] = [], examples: [Example] = [], commands: [CommandDefinition]
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.operands = []
    self.options = options + [.help]
    self.examples = examples
    self.commands = commands
    self.action = nil
  }

  /// The command of a group with a name.
  package func command(_ name: String) -> CommandDefinition? { commands.first { $0.name == name } }

  /// The options that help texts and completions show.
  package var visibleOptions: [OptionDefinition] { options.filter { !$0.isHidden } }
}

extension OptionDefinition {
  /// Every command has it.
  package static let help = OptionDefinition("help", short: "h", "Show help")
}
