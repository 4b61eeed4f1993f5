import Glibc
import NIfTI
import PonsKit
import TestFolders
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
    guard let text = try? Files.read(folder + "expected.json"),
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

extension Files {
  /// Bytes that are written in hexadecimal.
  static func hexadecimal(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8).map { $0 < 0x61 ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

/// The failure that a body throws.
func failure(_ body: () throws -> Void) -> StageFailure? {
  do {
    try body()
    return nil
  } catch { return error as? StageFailure }
}
