internal import PonsKit
package import PonsWeights

extension ClipTokenizer {
  /// The tokenizer of a model's folder: `vocab.json` and `merges.txt`, or `tokenizer.json`, which holds the same.
  ///
  /// - Throws: `StageFailure` of category `badParameter` when the files are missing or are no vocabulary of this kind.
  package init(folder: ModelFolder) throws {
    if let vocabulary = folder.file("vocab.json"), let merges = folder.file("merges.txt") {
      try self.init(
        vocabulary: Self.ids(try Self.json(vocabulary), "vocab.json"),
        merges: Self.merges(lines: String(decoding: try Self.bytes(merges), as: UTF8.self)))
    } else if let file = folder.file("tokenizer.json") {
      let json = try Self.json(file)
      let model = json["model"]
      guard model?["type"]?.string == "BPE", model?["end_of_word_suffix"]?.string == "</w>" else {
        throw Self.broken("tokenizer.json holds another kind of tokenizer than CLIP's")
      }
      var ids = try Self.ids(model?["vocab"] ?? .null, "tokenizer.json")
      for token in json["added_tokens"]?.array ?? [] {
        if let text = token["content"]?.string, let id = token["id"]?.integer {
          ids[text] = Int(id)
        }
      }
      try self.init(vocabulary: ids, merges: Self.merges(json: model?["merges"] ?? .null))
    } else {
      throw Self.broken("there is neither vocab.json with merges.txt nor tokenizer.json")
    }
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    let bytes = try WeightMemory.mapping(path).withBytes(Array.init)
    // OpenAI's has one megabyte; this only keeps out what is something else.
    if bytes.count > 64 << 20 { throw broken("a file of it has more than 64 MB") }
    return bytes
  }

  private static func json(_ path: String) throws -> JSON {
    let bytes = try bytes(path)
    do {
      return try JSON(parsing: bytes)
    } catch {
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      throw broken("\(name) is no JSON: \(error)")
    }
  }

  private static func ids(_ json: JSON, _ file: String) throws -> [String: Int] {
    guard let members = json.object else { throw broken("\(file) has no object of tokens") }
    return members.compactMapValues { $0.integer.map(Int.init) }
  }

  /// Lines of two tokens; a first line that begins with `#version` is not one.
  private static func merges(lines text: String) throws -> [(String, String)] {
    try text.split { $0.isNewline }.enumerated().compactMap { index, line in
      if index == 0, line.hasPrefix("#version") { return nil }
      let parts = line.split(separator: " ")
      guard parts.count == 2 else {
        throw broken("line \(index + 1) of merges.txt does not hold two tokens")
      }
      return (String(parts[0]), String(parts[1]))
    }
  }

  /// Pairs, as older versions of the tokenizers library wrote them (`"a b"`) and as newer ones do (`["a", "b"]`).
  private static func merges(json: JSON) throws -> [(String, String)] {
    guard let list = json.array else { throw broken("tokenizer.json has no list of merges") }
    return try list.map { merge in
      let parts =
        merge.array?.compactMap(\.string)
        ?? merge.string?.split(separator: " ").map(String.init) ?? []
      guard parts.count == 2 else { throw broken("a merge of tokenizer.json is no pair") }
      return (parts[0], parts[1])
    }
  }
}
