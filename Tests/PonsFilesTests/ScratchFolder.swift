import Glibc

/// An empty folder that goes with the test.
final class ScratchFolder {
  struct Failed: Error {}
  let path: String

  init() throws {
    var template = Array("/tmp/pons-files-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failed() }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/"
  }

  deinit { Self.remove(Array(path.utf8CString)) }

  /// Removes a folder with everything in it; names may be any bytes.
  private static func remove(_ path: [CChar]) {
    guard let stream = opendir(path) else { return }
    var names: [[CChar]] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      if name != [46, 0], name != [46, 46, 0] { names.append(name) }
    }
    closedir(stream)
    for name in names {
      let inside = path.dropLast() + [47] + name
      if unlink(Array(inside)) != 0 { remove(Array(inside)) }
    }
    rmdir(path)
  }

  /// Writes a file, with the folders above it; answers its path.
  @discardableResult
  func write(_ text: String, _ name: String) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += part + "/"
      mkdir(folder, 0o777)
    }
    guard let file = fopen(path + name, "wb") else { throw Failed() }
    fputs(text, file)
    fclose(file)
    return path + name
  }
}
