import Glibc
import PonsHost
import PonsKit
import Testing

/// Compiles plugins that do one thing wrong, each into a file of its own.
enum HostilePlugin {
  static let source = folder(of: #filePath) + "/Hostile/hostile.c"
  static let header = folder(of: folder(of: folder(of: #filePath))) + "/Sources/CPons/include"

  static func folder(of path: String) -> String {
    path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
  }

  /// The folder with the test program, pons-worker and the fixture plugin.
  static let products: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    return folder(of: String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
  }()

  static let worker = products + "/pons-worker"
  static let fixture = products + "/libfixture-plugin.so"

  static func temporaryFolder() throws -> String {
    var template = Array("/tmp/pons-test-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func remove(_ folder: String) {
    _ = ChildProcess.run(
      [.init(executable: "/bin/rm", arguments: ["-rf", folder])], width: 1, seconds: 30)
  }

  /// Compiles a mode into `folder` and answers the file.
  static func compile(
    _ mode: String, id: String = "hostile.stage", name: String = "plugin", in folder: String
  ) throws -> String {
    let file = "\(folder)/\(name).so"
    let results = ChildProcess.run(
      [
        .init(
          executable: "/usr/bin/cc",
          arguments: [
            "-std=c11", "-shared", "-fPIC", "-DMODE=\(mode)", "-DIS_\(mode)", "-DID=\"\(id)\"",
            "-I", header, "-o", file, source, "-lpthread",
          ])
      ], width: 1, seconds: 60)
    try #require(results.map(\.end) == [.exited(0)], "\(mode) does not compile")
    return file
  }

  /// Runs `body` with a compiled plugin in a folder of its own.
  static func with<Result>(_ mode: String, _ body: (String) throws -> Result) throws -> Result {
    let folder = try temporaryFolder()
    defer { remove(folder) }
    return try body(try compile(mode, in: folder))
  }

  static func registry(_ files: [String], seconds: Double = 10) -> PluginRegistry {
    PluginRegistry(
      searchPath: PluginSearchPath(only: files),
      scanner: PluginScanner(worker: worker, cacheFolder: nil, secondsPerFile: seconds))
  }
}
