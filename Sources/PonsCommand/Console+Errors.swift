extension Console {
  /// Reports an error that ended a command, and says what the process answers for it.
  func report(_ error: any Error) -> ExitCode {
    switch error {
    case let failure as CommandFailure:
      report(failure.message, hint: failure.hint)
      return failure.exitCode
    default:
      report("\(error)".printable)
      return .failure
    }
  }
}
