/// A command line that was understood: a command, with values that its definition allows.
package struct Invocation: Sendable {
  /// The words that selected the command, beginning with `pons`.
  package var path: [String]
  /// The command.
  package var command: CommandDefinition
  /// What was found by its place.
  package var operands: [String]
  /// What was given for each option, by long name; empty texts for options without values.
  package var values: [String: [String]]

  /// A command line that was understood.
  package init(
    path: [String], command: CommandDefinition, operands: [String] = [],
    values: [String: [String]] = [:]
  ) {
    self.path = path
    self.command = command
    self.operands = operands
    self.values = values
  }

  /// Whether an option was given.
  package func has(_ option: String) -> Bool { values[option] != nil }

  /// The value of an option; the last one counts.
  package func value(_ option: String) -> String? { values[option]?.last }

  /// All values of a repeatable option, in order.
  package func list(_ option: String) -> [String] { values[option] ?? [] }

  /// The value of an option that takes whole numbers.
  package func integer(_ option: String) -> Int? { value(option).flatMap { Int($0) } }

  /// The value of an option that takes an amount of memory, in bytes.
  package func bytes(_ option: String) -> Int? { value(option).flatMap { ByteCount($0)?.bytes } }
}
