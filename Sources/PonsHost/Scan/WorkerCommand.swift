internal import CPonsSystem
internal import Glibc
internal import PonsKit

/// What the program `pons-worker` does. It answers through descriptor 3.
public enum WorkerCommand {
  /// Runs a command and answers the exit code.
  ///
  /// - Parameter arguments: `scan FILE [DIGESTS]`, `libraries FILE [DIGESTS]`, `check FILE STAGE CHECK PARAMETERS SECONDS`,
  ///   `serve ORDER`, or `sandbox FOLDER`.
  public static func run(_ arguments: [String]) -> Int32 {
    pons_system_begin_worker()
    pons_system_prepare_process()
    switch (arguments.first, arguments.count) {
    case ("scan", 2...3):
      answer(ScanAnswer.json(scan(arguments[1], trust(arguments))))
    case ("libraries", 2...3):
      answer(LibrariesAnswer.json(libraries(arguments[1], trust(arguments))))
    case ("check", 6):
      guard let check = ConformanceCheck(rawValue: arguments[3]),
        let given = try? JSON(parsing: arguments[4]).object, let seconds = Double(arguments[5])
      else { return 2 }
      let end = check.run(file: arguments[1], stage: arguments[2], given: given, seconds: seconds)
      answer(end.json)
    case ("serve", 2):
      // Exit handlers of a plugin may crash, and all is said.
      _exit(WorkerServer.run(arguments[1]))
    case ("sandbox", 2):
      answer(.integer(Int64(pons_system_enter_sandbox(arguments[1], 0))))
    default:
      return 2
    }
  }

  /// What this site allows, and of that only digests that were given, between commas.
  private static func trust(_ arguments: [String]) -> PluginTrust {
    PluginTrust(forWorker: arguments.count > 2 ? arguments[2] : nil)
  }

  private static func scan(_ path: String, _ trust: PluginTrust) -> PluginScanner.Finding {
    Result { () throws(PluginFault) in try PluginLibrary(path: path, trust: trust).descriptor }
  }

  private static func libraries(
    _ path: String, _ trust: PluginTrust
  ) -> Result<[LibraryInUse], PluginFault> {
    Result { () throws(PluginFault) in try PluginLibrary(path: path, trust: trust).libraries() }
  }

  /// Writes an answer and ends the process, without the plugin's exit handlers: they may crash, and all is said.
  private static func answer(_ json: JSON) -> Never {
    let bytes = Array(json.canonical.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(3, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { _exit(1) }
      written += max(0, count)
    }
    _exit(0)
  }
}
