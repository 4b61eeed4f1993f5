internal import PonsKit

/// What a finished call left behind: its outputs, its verdicts, and what it was made from.
struct StoredRecord: Sendable {
  /// One output packet.
  struct Output: Sendable {
    /// Where the content is.
    enum Content: Sendable {
      /// The stage is transient: the content is made again when somebody needs it.
      case nowhere
      /// It is the packet that came in at a port, for the same case.
      case forwarded(port: String)
      /// A file in the entry's folder.
      case file(name: String, digest: String)
      /// Bytes behind the record in a journal.
      case inline(offset: Int, count: Int)
    }

    let port: String
    let caseKey: String?
    let identity: String
    let kind: String
    var content: Content
    /// Metadata and sidecar, of packets whose content is nowhere.
    var facts: JSON?
  }

  /// The name of the stage in its manifest.
  let stage: String
  let caseKey: String?
  /// Digest of its ``StageParts``.
  let stageParts: String
  /// What else its key is made of, beside the inputs.
  let keyParts: KeyParts
  var outputs: [Output]
  let verdicts: [Verdict]
  /// Identities of the inputs by port, each with the case it belongs to; for provenance.
  let inputs: [(port: String, caseKey: String?, identity: String)]
  let seconds: Double
  /// Bytes of packets and files in the store.
  let bytes: Int
}

extension StoredRecord {
  /// The record as a JSON object, written without a tree of values: this happens for every call.
  var text: [UInt8] {
    var writer = RecordWriter()
    writer.open("{")
    writer.member("stage", stage)
    writer.member("case", caseKey)
    writer.member("parts", stageParts)
    writer.member("key", json: keyParts.json)
    writer.member("seconds", number: seconds)
    writer.member("bytes", number: bytes)
    writer.list("outputs", outputs) { writer, output in
      writer.open("{")
      writer.member("port", output.port)
      writer.member("case", output.caseKey)
      writer.member("identity", output.identity)
      writer.member("kind", output.kind)
      switch output.content {
      case .nowhere: break
      case .forwarded(let port): writer.member("forwarded", port)
      case .file(let name, let digest):
        writer.member("file", name)
        writer.member("sha256", digest)
      case .inline(let offset, let count):
        writer.list("inline", [offset, count]) { $0.value(number: $1) }
      }
      if let facts = output.facts { writer.member("facts", json: facts) }
      writer.close("}")
    }
    writer.list("verdicts", verdicts) { writer, verdict in
      writer.open("{")
      writer.member("case", verdict.caseKey)
      writer.member("decision", number: verdict.decision.rawValue)
      if let score = verdict.score { writer.member("score", number: score) }
      if let rank = verdict.rank { writer.member("rank", number: rank) }
      writer.member("reason", verdict.reason)
      writer.close("}")
    }
    writer.list("inputs", inputs) { writer, input in
      writer.open("[")
      writer.value(input.port)
      writer.value(input.caseKey)
      writer.value(input.identity)
      writer.close("]")
    }
    writer.close("}")
    return writer.bytes
  }

  /// Reads a record; nil when anything in it is not as it was written.
  init?(_ json: JSON) {
    guard let stage = json["stage"]?.string, let outputs = json["outputs"]?.array,
      let verdicts = json["verdicts"]?.array, let inputs = json["inputs"]?.array,
      let seconds = json["seconds"]?.number, let bytes = json["bytes"]?.integer,
      let stageParts = json["parts"]?.string, let keyParts = json["key"].flatMap(KeyParts.init)
    else { return nil }
    self.stage = stage
    self.stageParts = stageParts
    self.keyParts = keyParts
    self.seconds = seconds
    self.bytes = Int(bytes)
    caseKey = json["case"]?.string
    self.outputs = outputs.compactMap(Output.init)
    self.verdicts = verdicts.compactMap(Verdict.init)
    self.inputs = inputs.compactMap { input in
      guard let port = input[0]?.string, let identity = input[2]?.string else { return nil }
      return (port, input[1]?.string, identity)
    }
    guard self.outputs.count == outputs.count, self.verdicts.count == verdicts.count,
      self.inputs.count == inputs.count
    else { return nil }
  }
}

extension StoredRecord {
  /// The text of a record's own file: the SHA-256 of the JSON, and the JSON.
  func file() throws -> String {
    let text = String(decoding: text, as: UTF8.self)
    return try Self.digest(of: text) + "\n" + text
  }

  /// Reads a record's own file; nil when one bit is not as it was written.
  init?(file bytes: [UInt8]) {
    guard bytes.count > 65, bytes[64] == UInt8(ascii: "\n") else { return nil }
    let text = String(decoding: bytes[65...], as: UTF8.self)
    guard let digest = try? Self.digest(of: text), digest.utf8.elementsEqual(bytes[..<64]),
      let json = try? JSON(parsing: text)
    else { return nil }
    self.init(json)
  }

  private static func digest(of text: String) throws -> String {
    var hash = SHA256()
    hash.update(text)
    return try hash.finish()
  }
}

extension StoredRecord.Output {
  fileprivate init?(_ json: JSON) {
    guard let port = json["port"]?.string, let identity = json["identity"]?.string,
      let kind = json["kind"]?.string
    else { return nil }
    self.port = port
    self.identity = identity
    self.kind = kind
    facts = json["facts"]
    caseKey = json["case"]?.string
    if let port = json["forwarded"]?.string {
      content = .forwarded(port: port)
    } else if let name = json["file"]?.string, let digest = json["sha256"]?.string,
      !name.contains("/"), !name.hasPrefix(".")
    {
      content = .file(name: name, digest: digest)
    } else if let offset = json["inline"]?[0]?.integer, let count = json["inline"]?[1]?.integer,
      offset >= 0, count >= 0
    {
      content = .inline(offset: Int(offset), count: Int(count))
    } else {
      content = .nowhere
    }
  }
}

extension Verdict {
  fileprivate init?(_ json: JSON) {
    guard let raw = json["decision"]?.integer, let number = UInt32(exactly: raw),
      let decision = Decision(rawValue: number)
    else { return nil }
    self.init(
      caseKey: json["case"]?.string, decision, score: json["score"]?.number,
      rank: json["rank"]?.integer.map(Int.init), reason: json["reason"]?.string ?? "")
  }
}

extension JSON {
  /// A string, or null.
  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}

/// Puts a record together piece by piece.
private struct RecordWriter {
  var bytes: [UInt8] = []
  private var needsComma = false

  init() { bytes.reserveCapacity(512) }

  mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    bytes.append(UInt8(ascii: bracket))
    needsComma = false
  }

  mutating func close(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    needsComma = true
  }

  mutating func value(_ text: String?) {
    separate()
    if let text {
      JSON.append(string: text, to: &bytes)
    } else {
      bytes.append(contentsOf: "null".utf8)
    }
  }

  mutating func value(number: some CustomStringConvertible) {
    separate()
    bytes.append(contentsOf: number.description.utf8)
  }

  mutating func member(_ name: StaticString, _ text: String?) {
    begin(name)
    value(text)
  }

  mutating func member(_ name: StaticString, number: some CustomStringConvertible) {
    begin(name)
    value(number: number)
  }

  mutating func member(_ name: StaticString, json: JSON) {
    begin(name)
    separate()
    bytes.append(contentsOf: json.canonical.utf8)
  }

  mutating func list<Element>(
    _ name: StaticString, _ elements: [Element], _ write: (inout RecordWriter, Element) -> Void
  ) {
    begin(name)
    open("[")
    for element in elements { write(&self, element) }
    close("]")
  }

  private mutating func begin(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}
