import Glibc

/// Whole files.
package enum Files {
  /// A file that cannot be read or written.
  package struct Failed: Error { let path: String }

  /// All bytes of a file.
  package static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw Failed(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { return bytes }
      bytes += piece.prefix(count)
    }
  }

  /// Writes a file.
  package static func write(_ bytes: [UInt8], _ path: String) throws {
    guard let file = fopen(path, "wb") else { throw Failed(path: path) }
    defer { fclose(file) }
    if fwrite(bytes, 1, bytes.count, file) != bytes.count { throw Failed(path: path) }
  }
}

/// An empty folder that goes with the test.
package final class TemporaryFolder {
  /// Ends with a slash.
  package let path: String

  /// Makes the folder.
  package init() throws {
    var template = Array("/tmp/pons-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Files.Failed(path: "/tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/"
  }

  deinit { Self.remove(Array(path.utf8CString)) }

  /// Removes a folder with everything in it; names may be any bytes.
  private static func remove(_ path: [CChar]) {
    chmod(path, 0o700)
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

  /// Writes a file, with the folders above it.
  @discardableResult
  package func write(_ bytes: [UInt8], _ name: String) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += part + "/"
      mkdir(folder, 0o777)
    }
    try Files.write(bytes, path + name)
    return path + name
  }
}
