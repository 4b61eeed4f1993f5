import Glibc

/// Whole files.
enum Files {
  struct Failed: Error { let path: String }

  static func read(_ path: String) throws -> [UInt8] {
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

  static func write(_ bytes: [UInt8], _ path: String) throws {
    guard let file = fopen(path, "wb") else { throw Failed(path: path) }
    defer { fclose(file) }
    if fwrite(bytes, 1, bytes.count, file) != bytes.count { throw Failed(path: path) }
  }
}

/// An empty folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/pons-dicom-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Files.Failed(path: "/tmp") }
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

  /// Writes a file, with the folders above it.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += part + "/"
      mkdir(folder, 0o777)
    }
    try Files.write(bytes, path + name)
    return path + name
  }

  /// Writes files as im001.dcm, im002.dcm, ...
  func write(_ files: [[UInt8]]) throws {
    for (index, bytes) in files.enumerated() {
      let digits = String(index + 1)
      try write(bytes, "im\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits).dcm")
    }
  }

  /// Writes slices, in order.
  func write(_ slices: [MadeSlice]) throws { try write(slices.map(\.data.file)) }
}
