import Glibc
import NIfTI
import PonsKit
import Testing

/// A file that make_fixtures.py made, with what nibabel reads out of it.
struct Fixture: Sendable, CustomTestStringConvertible {
  let name: String
  let expected: JSON
  var testDescription: String { name }
  var path: String { Self.folder + name }

  static let folder =
    (#filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()) + "/Fixtures/"

  static let all: [Fixture] = {
    guard let text = try? Bytes.read(folder + "expected.json"),
      let members = (try? JSON(parsing: text))?.object
    else { return [] }
    return members.map { Fixture(name: $0.key, expected: $0.value) }.sorted { $0.name < $1.name }
  }()

  static func named(_ name: String) throws -> Fixture {
    try #require(all.first { $0.name == name })
  }

  var files: ImageFiles {
    ImageFiles(
      header: path, voxels: name.hasSuffix(".hdr") ? path.dropLast(4) + ".img" : nil)
  }
}

/// An image as a packet would hold it.
struct Loaded: Equatable {
  var shape: [Int]
  var type: ElementType
  var affine: [Double]
  var bytes: [UInt8]
  var notices: [String]

  init(_ files: ImageFiles, _ selection: VolumeSelection = .all) throws {
    let image = try ImageFile(files)
    let geometry = try image.header.geometry()
    shape = try image.shape(selection)
    type = try image.elementType
    affine = geometry.affine
    bytes = [UInt8](repeating: 0xee, count: shape.reduce(type.size, *))
    try bytes.withUnsafeMutableBytes { try image.readVoxels(selection, into: $0) }
    notices = (image.notices + geometry.notices).map(\.code)
  }

  init(_ path: String, _ selection: VolumeSelection = .all) throws {
    try self.init(ImageFiles(header: path), selection)
  }
}

/// Whole files.
enum Bytes {
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

  static func hexadecimal(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8).map { $0 < 0x61 ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

/// An empty folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/pons-nifti-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Bytes.Failed(path: "/tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/"
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    chmod(path, 0o700)
    if let stream = opendir(path) {
      var names: [String] = []
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
      }
      closedir(stream)
      for name in names {
        let inside = path + "/" + name
        if unlink(inside) != 0 { remove(inside) }
      }
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
    try Bytes.write(bytes, path + name)
    return path + name
  }
}

/// The failure that a body throws.
func failure(_ body: () throws -> Void) -> StageFailure? {
  do {
    try body()
    return nil
  } catch { return error as? StageFailure }
}
