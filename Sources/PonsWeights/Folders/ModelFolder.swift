internal import Glibc
public import PonsKit

/// A folder as Hugging Face lays models out: `config.json`, weights in one file or in shards, and files for tokenizers.
public struct ModelFolder: Sendable {
  /// The folder.
  public let path: String
  /// What `config.json` says, or nil when there is none.
  public let config: JSON?
  /// Names of all regular files, sorted.
  public let fileNames: [String]

  /// Lists a folder and reads its `config.json`.
  ///
  /// - Throws: ``WeightError`` when it cannot be listed, or `config.json` is no JSON object.
  public init(path: String) throws(WeightError) {
    self.path = path
    guard let stream = opendir(path) else {
      throw WeightError(
        "the folder cannot be opened: \(String(cString: strerror(errno)))", file: path)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      var status = stat()
      // Links are followed: the cache of huggingface_hub is made of them.
      if let name, stat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        names.append(name)
      }
    }
    fileNames = names.sorted()
    config =
      fileNames.contains("config.json")
      ? try Self.object("\(path)/config.json", limit: 8 << 20) : nil
  }

  /// The path of a file, or nil when the folder has none of this name.
  public func file(_ name: String) -> String? {
    fileNames.contains(name) ? "\(path)/\(name)" : nil
  }

  /// The weights: of `model.safetensors`, its shards, `pytorch_model.bin`, its shards, or the only weight file there is.
  ///
  /// - Throws: ``WeightError``; of shards the one that is missing or wrong.
  public func weights() throws(WeightError) -> WeightFile {
    for name in ["model.safetensors", "pytorch_model.bin"] {
      if let file = file(name) { return try WeightFile(path: file) }
      if let index = file(name + ".index.json") { return try shards(index) }
    }
    let endings = [".safetensors", ".pth", ".pt", ".bin"]
    let others = fileNames.filter { name in endings.contains { name.hasSuffix($0) } }
    guard others.count == 1 else {
      throw WeightError(
        others.isEmpty
          ? "the folder has no weight file" : "the folder has several weight files",
        file: path,
        hint: "expected model.safetensors, its shards with an index, or pytorch_model.bin")
    }
    return try WeightFile(path: "\(path)/\(others[0])")
  }

  /// Reads an index: `{"weight_map": {TENSOR: FILE, ...}}`.
  private func shards(_ index: String) throws(WeightError) -> WeightFile {
    guard let map = try Self.object(index, limit: 64 << 20)["weight_map"]?.object else {
      throw WeightError("it has no 'weight_map'", file: index)
    }
    var files: [String: WeightFile] = [:]
    var tensors: [WeightTensor] = []
    for (name, value) in map.sorted(by: { $0.key < $1.key }) {
      guard let shard = value.string, Self.isPlainName(shard) else {
        throw WeightError(
          "its shard is not the name of a file in this folder: \(value.canonical.shownInErrors)",
          file: index, key: name)
      }
      if files[shard] == nil {
        guard let path = file(shard) else {
          throw WeightError(
            "its shard '\(shard.shownInErrors)' is missing", file: index, key: name,
            hint: "fetch all files of the model")
        }
        files[shard] = try WeightFile(path: path)
      }
      guard let tensor = files[shard]?[name] else {
        throw WeightError(
          "the shard '\(shard.shownInErrors)' does not have it", file: index, key: name)
      }
      tensors.append(tensor)
    }
    let first = files.min { $0.key < $1.key }?.value
    return try WeightFile(
      path: index, format: first?.format ?? .safetensors, tensors: tensors,
      metadata: first?.metadata ?? [:])
  }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
      && !name.utf8.contains(0)
  }

  private static func object(_ path: String, limit: Int) throws(WeightError) -> JSON {
    let memory = try WeightMemory.mapping(path)
    if memory.bytes.count > limit {
      throw WeightError("it has \(memory.bytes.count) bytes, which cannot be right", file: path)
    }
    do throws(JSONError) {
      let json = try JSON(parsing: memory.withBytes { Array($0) })
      if json.object != nil { return json }
    } catch {
      throw WeightError(error.message, file: path, offset: error.offset)
    }
    throw WeightError("it is no JSON object", file: path)
  }
}
