import Glibc
import Testing

/// dciodvfy (David Clunie's dicom3tools), which checks files against the standard.
enum Dciodvfy {
  private static let path = "/usr/bin/dciodvfy"

  static var isInstalled: Bool { access(path, X_OK) == 0 }

  /// What it says about a file.
  static func output(of file: String) throws -> String { try shell("\(path) '\(file)' 2>&1") }

  /// What a command writes.
  static func shell(_ command: String) throws -> String {
    let stream = try #require(popen(command, "r"))
    defer { pclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(stream), byte != EOF {
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
