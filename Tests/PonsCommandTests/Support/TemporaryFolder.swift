import Glibc

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/pons-command-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ShellScript.Failure(what: "mkdtemp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? ShellScript.run("rm -rf '\(path)'", shell: "bash") }

  /// Writes a file and answers its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    guard let stream = fopen(file, "w") else { throw ShellScript.Failure(what: "fopen") }
    defer { fclose(stream) }
    fputs(text, stream)
    return file
  }
}
