/// The surroundings of a command.
package struct CommandContext: Sendable {
  /// What it writes to.
  package var console: Console
  /// The environment variables.
  package var environment: [String: String]
  /// Absolute path of the running program; shipped files are found relative to it.
  package var executable: String
  /// The parts of Pons that commands use.
  package var services: Services

  /// Describes the surroundings of a command.
  package init(
    console: Console, environment: [String: String], executable: String, services: Services
  ) {
    self.console = console
    self.environment = environment
    self.executable = executable
    self.services = services
  }
}
