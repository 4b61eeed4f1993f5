/// Why a command could not do what was asked.
package struct CommandFailure: Error, Sendable, Hashable {
  /// What went wrong; several lines when there are several problems.
  package var message: String
  /// What to do about it, or empty.
  package var hint: String
  /// What the process answers.
  package var exitCode: ExitCode

  /// Describes a failure.
  package init(_ message: String, hint: String = "", exitCode: ExitCode = .failure) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }
}
