internal import Glibc
internal import PonsKit
internal import PonsTorch

extension TinyTraining {
  /// Writes a folder as Hugging Face lays it out.
  func write(to folder: String) throws {
    mkdir(folder, 0o755)
    let ids = JSON.object(
      Dictionary(
        uniqueKeysWithValues: vocabulary.tokens.enumerated().map { ($1, .integer(Int64($0))) }))
    let merges = vocabulary.merges.map { "\($0.0) \($0.1)\n" }.joined()
    let tokenizerConfig: JSON = [
      "closed_vocabulary": .array(Subject.words.map(JSON.string)), "model_max_length": 32,
    ]
    let preprocessing: JSON = [
      "size": ["shortest_edge": 64], "crop_size": ["height": 64, "width": 64],
    ]
    let texts = [
      ("config.json", configuration.canonical), ("vocab.json", ids.canonical),
      ("merges.txt", "#version: 0.2\n" + merges),
      ("tokenizer_config.json", tokenizerConfig.canonical),
      ("preprocessor_config.json", preprocessing.canonical),
    ]
    for (name, text) in texts { try Self.write(Array(text.utf8), to: "\(folder)/\(name)") }
    try Self.write(weights(), to: "\(folder)/model.safetensors")
  }

  /// The state dict, the scalar last: everything else ends at multiples of 64 bytes, and the file needs no filling.
  private func weights() throws -> [UInt8] {
    let parameters = model.parameters.sorted {
      !$0.parameter.shape.isEmpty && $1.parameter.shape.isEmpty
    }
    let header = try SafetensorsHeader(
      layingOut: parameters.map { TensorRequest($0.name, .float32, $0.parameter.shape) },
      metadata: ["format": "pt"])
    var bytes = header.serialized()
    for (name, parameter) in parameters {
      guard let entry = header.entry(name) else { continue }
      let start = bytes.count
      try parameter.value.detach().contiguous().withBytes { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: repeatElement(0, count: (64 - bytes.count % 64) % 64))
      precondition(bytes.count - start >= entry.byteCount, "all of a tensor was written")
    }
    return Array(bytes.prefix(header.serialized().count + header.dataSize))
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb") else {
      throw TrainingError("\(path): \(String(cString: strerror(errno)))")
    }
    let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
    if fclose(file) != 0 || !isWritten { throw TrainingError("\(path): it cannot be written") }
  }
}
