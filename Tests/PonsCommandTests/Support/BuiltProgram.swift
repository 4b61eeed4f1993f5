import Glibc

/// The program as it was built, run as a process of its own.
struct BuiltProgram: Sendable {
  let folder: TemporaryFolder
  /// The folder of the build: the test program is in it.
  let build: String

  init() throws {
    folder = try TemporaryFolder()
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else {
      throw ShellScript.Failure(what: "readlink")
    }
    var program = String(
      decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Swift Testing runs tests in a helper of the toolchain, which gets the test bundle as an argument.
    if access(Self.parent(program) + "/pons", X_OK) != 0 {
      program = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? program
    }
    build = Self.parent(program)
  }

  private static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  /// Runs a script in the folder, in which `pons` is the program and `$root` the folder of the project.
  func run(_ script: String) throws -> (status: Int32, output: String) {
    try ShellScript.run(
      """
      cd '\(folder.path)' || exit 99
      export PATH='\(build)':$PATH PONS_SITE_KEY='\(folder.path)/site.key'
      export XDG_CACHE_HOME='\(folder.path)/cache'
      root='\(build)'; while [ ! -f "$root/Package.swift" ]; do root=$(dirname "$root"); done
      \(script)
      """, shell: "bash")
  }
}
