internal import Glibc
internal import PonsKit
internal import PonsWeights

/// Bundles: several models in one file, for sites without a network. A zip archive without compression that begins
/// with `pons-bundle.json`, the records of its models; every file is checked on both ends.
extension ModelStore {
  private static let indexName = "pons-bundle.json"

  /// Writes models to one file, which appears when it is whole.
  ///
  /// - Parameter progress: called with the number of bytes that were just read.
  /// - Throws: ``ModelError`` when a model is missing or damaged, `WeightError` when the file cannot be written.
  public func bundle(
    _ names: [String], to path: String, progress: (Int) -> Void = { _ in }
  ) throws {
    var records: [JSON] = []
    var members: [(name: String, file: String)] = []
    for name in names {
      let model = try locate(name, progress: progress)
      if case .beside = model.registered.source {
        throw ModelError(
          "it comes with Pons and needs no bundle", model: name, hint: "leave it out")
      }
      records.append(try record(of: model.registered).json)
      for (file, path) in model.files.sorted(by: { $0.key < $1.key }) {
        members.append(("\(name)/\(file)", path))
      }
    }
    let index: JSON = ["pons-bundle": 1, "models": .array(records)]
    let part = path + ".part"
    do {
      try ZipWriter.write(
        part, texts: [(Self.indexName, index.canonical)], files: members)
    } catch {
      unlink(part)
      throw error
    }
    if rename(part, path) != 0 {
      let failure = Paths.failure("write", path)
      unlink(part)
      throw failure
    }
  }

  /// Whether a file is a bundle.
  public static func isBundle(_ path: String) -> Bool {
    guard let memory = try? WeightMemory.mapping(path),
      let archive = try? ZipArchive(memory, file: path)
    else { return false }
    return archive.members.contains { $0.name == indexName }
  }

  /// Stores all models of a bundle.
  ///
  /// - Parameter progress: called with the number of bytes that were just read.
  /// - Returns: their names.
  /// - Throws: ``ModelError`` or `WeightError`; models that were stored before the error stay.
  public func importBundle(
    _ path: String, progress: (Int) -> Void = { _ in }
  ) throws -> [String] {
    let archive = try ZipArchive(try WeightMemory.mapping(path), file: path)
    let members = Dictionary(
      archive.members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard let index = members[Self.indexName], index.size < 16 << 20 else {
      throw ModelError("\(path) is no bundle of models: it has no \(Self.indexName)")
    }
    var names: [String] = []
    for record in try records(index, archive, path) {
      var draft = try draft(record.name)
      for (file, expected) in record.files.sorted(by: { $0.key < $1.key }) {
        guard let member = members["\(record.name)/\(file)"] else {
          throw ModelError("\(path) does not have '\(file)'", model: record.name)
        }
        let contents = try archive.contents(of: member)
        try contents.withBytes { try draft.add(file, $0, sha256: expected.sha256) }
        progress(member.size)
      }
      try draft.store(source: record.source)
      names.append(record.name)
    }
    return names
  }

  private func records(
    _ index: ZipArchive.Member, _ archive: ZipArchive, _ path: String
  ) throws -> [ModelRecord] {
    let bytes = try archive.contents(of: index).withBytes { Array($0) }
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw ModelError("\(path): \(Self.indexName): \(error)")
    }
    guard json["pons-bundle"] == 1, let models = json["models"]?.array else {
      throw ModelError("\(path): \(Self.indexName) is of another version")
    }
    return try models.map { try ModelRecord($0, "\(path): \(Self.indexName)") }
  }
}
