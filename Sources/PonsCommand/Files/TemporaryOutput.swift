internal import Glibc
internal import PonsEngine

/// A folder for a run whose results nobody keeps.
enum TemporaryOutput {
  static func make() throws(CommandFailure) -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array(FilePaths.join(folder, "pons-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandFailure(
        "no temporary folder can be made: \(String(cString: strerror(errno)))",
        hint: "TMPDIR names the folder in which it is made")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func remove(_ folder: String) { FileSystem.remove(folder) }
}
