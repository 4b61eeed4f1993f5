internal import CPonsSystem

/// The program: reads a command line, runs a command, reports what went wrong.
package enum Program {
  /// Runs the program on the outputs and the environment of this process.
  ///
  /// - Parameter arguments: the command line, the name of the program included.
  /// - Returns: what the process shall answer.
  package static func run(arguments: [String]) -> Int32 {
    // Before any thread is started; see there.
    pons_system_prepare_process()
    return run(
      arguments: Array(arguments.dropFirst()), out: StandardOutput.out, error: StandardOutput.error,
      environment: ProcessSurroundings.environment(),
      executable: ProcessSurroundings.executable() ?? arguments.first ?? "pons"
    ).rawValue
  }

  /// Runs the program on any outputs.
  ///
  /// - Parameter arguments: the command line without the name of the program.
  package static func run(
    arguments: [String], out: any TextOutput, error: any TextOutput,
    environment: [String: String], executable: String,
    services: Services = .standard
  ) -> ExitCode {
    var console = Console(out: out, error: error, color: .auto, environment: environment)
    do {
      let invocation = try ArgumentParser.parse(arguments, root: CommandTable.pons)
      if let color = invocation.value("color").flatMap(ColorChoice.init(rawValue:)) {
        console = Console(out: out, error: error, color: color, environment: environment)
      }
      if invocation.has("help") {
        console.showHelp(path: invocation.path, command: invocation.command)
        return .success
      }
      if invocation.has("version") {
        console.showVersion()
        return .success
      }
      guard let action = invocation.command.action else {
        let names = invocation.command.commands.map { $0.name }.joined(separator: ", ")
        throw UsageError(
          "\(invocation.path.joined(separator: " ")) needs a command", hint: "commands: \(names)",
          path: invocation.path)
      }
      let context = CommandContext(
        console: console, environment: environment, executable: executable,
        services: services)
      return try action(invocation, context)
    } catch let error as UsageError {
      let help = "\"\(error.path.joined(separator: " ")) --help\" says what can be typed"
      console.report(error.message, hint: error.hint.isEmpty ? help : error.hint)
      return .usage
    } catch {
      return console.report(error)
    }
  }
}
