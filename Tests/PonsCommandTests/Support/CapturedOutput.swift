import PonsCommand
import Synchronization

/// An output that remembers what was written to it.
final class CapturedOutput: TextOutput {
  private let written = Mutex("")
  let size: (columns: Int, rows: Int)?

  /// An output; a terminal when it has a size.
  init(size: (columns: Int, rows: Int)? = nil) { self.size = size }

  func write(_ text: String) { written.withLock { $0 += text } }

  var isTerminal: Bool { size != nil }

  var text: String { written.withLock { $0 } }
}

/// What a command line gave.
struct ProgramResult {
  var code: ExitCode
  var out: String
  var error: String

  /// Runs a command line without colours, as a script would.
  init(
    _ arguments: [String], environment: [String: String] = [:], executable: String = "/none/pons",
    services: Services = .standard
  ) {
    let out = CapturedOutput()
    let error = CapturedOutput()
    code = Program.run(
      arguments: arguments, out: out, error: error, environment: environment,
      executable: executable, services: services)
    self.out = out.text
    self.error = error.text
  }

  /// Runs a command line that needs no stages.
  init(_ arguments: String...) { self.init(arguments) }
}
