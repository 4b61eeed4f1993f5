internal import PonsKit
internal import PonsManifest
internal import PonsModels
internal import PonsWeights

extension Console {
  /// Reports an error that ended a command, and says what the process answers for it.
  func report(_ error: any Error) -> ExitCode {
    switch error {
    case let failure as CommandFailure:
      report(failure.message, hint: failure.hint)
      return failure.exitCode
    case let errors as ManifestErrors:
      show(errors.diagnostics)
      let count = errors.diagnostics.count
      if count > 1 { self.error.write("\(count.counted("error"))\n") }
      return .usage
    case let failure as StageFailure:
      report(failure.message.printable, hint: failure.hint.printable)
      if failure.code == "NOT_ALLOWED" { return .refused }
      return failure.category == .badParameter ? .usage : .failure
    case let error as ModelError:
      report(error.description.printable, hint: error.hint.printable)
      return .failure
    case let error as WeightError:
      report(error.description.printable, hint: error.hint.printable)
      return .failure
    default:
      report("\(error)".printable)
      return .failure
    }
  }
}
