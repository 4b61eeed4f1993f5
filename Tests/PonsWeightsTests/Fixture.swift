import PonsKit
import PonsWeights
import TestFolders

/// Files that `Fixtures/make.py` made, and what PyTorch reads from them.
enum Fixture {
  /// The folder, with a slash at its end.
  static let folder: String = {
    let file = #filePath
    return file[..<(file.lastIndex(of: "/") ?? file.endIndex)] + "/Fixtures/"
  }()

  static func bytes(_ name: String) throws -> [UInt8] { try Files.read(folder + name) }

  /// Type, shape and numbers of every tensor of a file.
  static func values(_ name: String) throws -> [String: (String, [Int], [Float])] {
    let all = try JSON(parsing: try bytes("values.json"))
    return (all[name]?.object ?? [:]).mapValues { value in
      (
        value[0]?.string ?? "", (value[1]?.array ?? []).map { Int($0.integer ?? -1) },
        (value[2]?.array ?? []).map { Float($0.number ?? .nan) }
      )
    }
  }
}

extension WeightFile {
  /// Reads bytes as if they were a file.
  init(bytes: [UInt8], section: String? = nil) throws(WeightError) {
    var memory: Result<WeightMemory, WeightError>?
    bytes.withUnsafeBytes { bytes in
      memory = Result { () throws(WeightError) in try WeightMemory.copying(bytes) }
    }
    guard let memory else { preconditionFailure("the closure ran") }
    try self.init(memory: try memory.get(), path: "x", section: section)
  }
}

/// Zip archives without compression, for contents that no other program would write. Checksums are left out.
enum StoredZip {
  static func archive(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let size = little(UInt32(member.bytes.count))
      let common =
        [20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + size + size
        + little(UInt16(member.name.utf8.count)) + [0, 0]
      directory += [0x50, 0x4b, 1, 2, 20, 0] + common
      directory += [UInt8](repeating: 0, count: 10) + little(UInt32(file.count))
      directory += Array(member.name.utf8)
      file += [0x50, 0x4b, 3, 4] + common + Array(member.name.utf8) + member.bytes
    }
    let count = little(UInt16(members.count))
    let end =
      [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count))
      + little(UInt32(file.count)) + [0, 0]
    return file + directory + end
  }

  /// An archive of torch.save with a pickle and storages.
  static func torch(_ pickle: [UInt8], storages: [String: [UInt8]] = [:]) -> [UInt8] {
    archive(
      [("x/data.pkl", pickle)]
        + storages.sorted { $0.key < $1.key }.map { ("x/data/\($0.key)", $0.value) })
  }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
