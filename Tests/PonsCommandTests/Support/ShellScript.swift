import Glibc

/// Runs a script with a shell.
enum ShellScript {
  struct Failure: Error {
    var what: String
  }

  /// The status and the standard output of a script.
  static func run(
    _ script: String, shell: String, options: [String] = []
  ) throws -> (status: Int32, output: String) {
    var path = Array("/tmp/pons-script-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw Failure(what: "mkstemp") }
    let file = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(file) }
    var text = script
    let written = text.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    guard written == script.utf8.count else { throw Failure(what: "write") }
    let command = (["exec", shell] + options + [file]).joined(separator: " ")
    guard let stream = popen(command, "r") else { throw Failure(what: "popen") }
    var output = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&buffer, 1, buffer.count, stream)
      if count == 0 { break }
      output += buffer[..<count]
    }
    let status = pclose(stream)
    return (status >> 8, String(decoding: output, as: UTF8.self))
  }
}
