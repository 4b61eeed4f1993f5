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
  }

  let stage: String
  let caseKey: String?
  var outputs: [Output]
  let verdicts: [Verdict]
  /// Identities of the inputs by port, each with the case it belongs to; for provenance.
  let inputs: [(port: String, caseKey: String?, identity: String)]
  let seconds: Double
}

extension StoredRecord {
  var json: JSON {
    .object([
      "stage": .string(stage), "case": JSON(caseKey), "seconds": .number(seconds),
      "outputs": .array(outputs.map(\.json)),
      "verdicts": .array(verdicts.map(\.json)),
      "inputs": .array(
        inputs.map { input in
          .array([.string(input.port), JSON(input.caseKey), .string(input.identity)])
        }),
    ])
  }

  /// Reads a record; nil when anything in it is not as it was written.
  init?(_ json: JSON) {
    guard let stage = json["stage"]?.string, let outputs = json["outputs"]?.array,
      let verdicts = json["verdicts"]?.array, let inputs = json["inputs"]?.array,
      let seconds = json["seconds"]?.number
    else { return nil }
    self.stage = stage
    self.seconds = seconds
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
    let text = json.canonical
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
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "port": .string(port), "case": JSON(caseKey), "identity": .string(identity),
      "kind": .string(kind),
    ]
    switch content {
    case .nowhere: break
    case .forwarded(let port): members["forwarded"] = .string(port)
    case .file(let name, let digest):
      members["file"] = .string(name)
      members["sha256"] = .string(digest)
    case .inline(let offset, let count):
      members["inline"] = .array([.integer(Int64(offset)), .integer(Int64(count))])
    }
    return .object(members)
  }

  fileprivate init?(_ json: JSON) {
    guard let port = json["port"]?.string, let identity = json["identity"]?.string,
      let kind = json["kind"]?.string
    else { return nil }
    self.port = port
    self.identity = identity
    self.kind = kind
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
  var json: JSON {
    .object([
      "case": JSON(caseKey), "decision": .integer(Int64(decision.rawValue)),
      "score": score.map { .number($0) } ?? .null,
      "rank": rank.map { .integer(Int64($0)) } ?? .null,
      "reason": .string(reason),
    ])
  }

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
