internal import Glibc
internal import PonsKit
internal import PonsWeights

/// What was stored of a model, beside its files: `pons-model.json`.
struct ModelRecord: Hashable {
  struct File: Hashable {
    var sha256: String
    var size: Int
  }

  static let fileName = "pons-model.json"

  var name: String
  /// Where it came from, for people.
  var source: String
  var files: [String: File]

  init(name: String, source: String, files: [String: File]) {
    self.name = name
    self.source = source
    self.files = files
  }

  init(folder: String, name: String) throws(ModelError) {
    let path = "\(folder)/\(Self.fileName)"
    do {
      try self.init(JSON(parsing: WeightMemory.mapping(path).withBytes { Array($0) }), path)
    } catch {
      throw ModelError(
        "its record cannot be read: \(error)", model: name,
        hint: "fetch or import it again: pons models fetch \(name)")
    }
    if self.name != name {
      throw ModelError("its folder holds '\(self.name)'", model: name)
    }
  }

  init(_ json: JSON, _ place: String) throws(ModelError) {
    let reader = try RegistryReader(json, place)
    name = try reader.string("name")
    source = try reader.string("source")
    files = [:]
    for (file, value) in reader.value("files")?.object ?? [:] {
      let entry = try RegistryReader(value, "\(place), files, \(file)")
      guard RegisteredModel.isSound(part: file) else {
        throw entry.error("this cannot be a file's name")
      }
      guard let size = entry.value("size")?.integer, size >= 0 else {
        throw entry.error("'size' must be a number")
      }
      files[file] = File(sha256: try entry.string("sha256"), size: Int(size))
    }
  }

  var json: JSON {
    [
      "name": .string(name), "source": .string(source),
      "files": .object(
        files.mapValues { ["sha256": .string($0.sha256), "size": .integer(Int64($0.size))] }),
    ]
  }

  func write(to folder: String) throws(ModelError) {
    let path = "\(folder)/\(Self.fileName)"
    guard let stream = fopen(path, "wxe") else { throw Paths.failure("write", path) }
    let isWritten = fputs(json.canonical + "\n", stream) >= 0
    guard fclose(stream) == 0, isWritten else { throw Paths.failure("write", path) }
  }
}
