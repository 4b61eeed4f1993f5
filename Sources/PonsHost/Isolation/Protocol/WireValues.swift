internal import PonsKit

// What stages tell and are told, as JSON. Both ends check what they read: the other one may be anything.

extension WorkerChannel {
  /// Reads members of a message and names what is wrong.
  struct Reader {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    func mistake(_ key: String) -> Garbage { Garbage(reason: "a message has no usable '\(key)'") }

    func text(_ key: String) throws -> String {
      guard let text = json[key]?.string else { throw mistake(key) }
      return text
    }

    /// Nil when it is not there or null.
    func optionalText(_ key: String) throws -> String? {
      switch json[key] {
      case nil, .null: nil
      case .string(let text): text
      default: throw mistake(key)
      }
    }

    func integer(_ key: String, _ range: ClosedRange<Int> = 0...Int.max) throws -> Int {
      guard let value = json[key]?.integer.map(Int.init), range.contains(value) else {
        throw mistake(key)
      }
      return value
    }

    func optionalNumber(_ key: String) throws -> Double? {
      switch json[key] {
      case nil, .null: return nil
      case let value?:
        guard let number = value.number else { throw mistake(key) }
        return number
      }
    }

    func flag(_ key: String) throws -> Bool {
      switch json[key] {
      case nil, .null: return false
      case .bool(let value): return value
      default: throw mistake(key)
      }
    }

    func list(_ key: String) throws -> [JSON] {
      switch json[key] {
      case nil, .null: return []
      case .array(let elements): return elements
      default: throw mistake(key)
      }
    }

    /// An object that was written as text, so that it arrives byte for byte.
    func object(_ key: String) throws -> JSON {
      let text = try optionalText(key) ?? ""
      if text.isEmpty || text == "{}" { return .object([:]) }
      guard let json = try? JSON(parsing: text), json.object != nil else { throw mistake(key) }
      return json
    }

    func shape(_ key: String) throws -> [Int] {
      try list(key).map { extent in
        guard let extent = extent.integer else { throw mistake(key) }
        return Int(extent)
      }
    }
  }
}

extension StageFailure {
  var wire: JSON {
    [
      "category": .integer(Int64(category.rawValue)), "code": .string(code),
      "message": .string(message), "hint": .string(hint),
      "parameter": parameter.map(JSON.string) ?? .null, "port": port.map(JSON.string) ?? .null,
    ]
  }

  init(wire: JSON) throws {
    let reader = WorkerChannel.Reader(wire)
    let category = try reader.integer("category", 1...5)
    self.init(
      Category(rawValue: Int32(category)) ?? .internal, code: try reader.text("code"),
      try reader.text("message"), hint: try reader.optionalText("hint") ?? "",
      parameter: try reader.optionalText("parameter"), port: try reader.optionalText("port"))
  }
}

extension TensorRequest {
  var wire: JSON {
    [
      "name": .string(name), "type": .string(type.rawValue),
      "shape": .array(shape.map { .integer(Int64($0)) }),
    ]
  }

  init(wire: JSON) throws {
    let reader = WorkerChannel.Reader(wire)
    guard let type = ElementType(rawValue: try reader.text("type")) else {
      throw reader.mistake("type")
    }
    self.init(try reader.text("name"), type, try reader.shape("shape"))
  }
}

extension Verdict {
  var wire: JSON {
    [
      "case": caseKey.map(JSON.string) ?? .null,
      "decision": .integer(Int64(decision.rawValue)),
      "score": score.flatMap { $0.isFinite ? .number($0) : nil } ?? .null,
      "rank": rank.map { .integer(Int64($0)) } ?? .null, "reason": .string(reason),
    ]
  }

  init(wire: JSON) throws {
    let reader = WorkerChannel.Reader(wire)
    let decision = try reader.integer("decision", 0...2)
    self.init(
      caseKey: try reader.optionalText("case"), Decision(rawValue: UInt32(decision)) ?? .keep,
      score: try reader.optionalNumber("score"),
      rank: wire["rank"]?.integer.flatMap { Int(exactly: $0) },
      reason: try reader.optionalText("reason") ?? "")
  }
}

extension Absence {
  var wire: JSON {
    [
      "case": .string(caseKey), "fate": .integer(Int64(fate.rawValue)), "stage": .string(stage),
      "code": .string(code), "reason": .string(reason),
      "score": score.flatMap { $0.isFinite ? .number($0) : nil } ?? .null,
      "rank": rank.map { .integer(Int64($0)) } ?? .null,
    ]
  }

  init(wire: JSON) throws {
    let reader = WorkerChannel.Reader(wire)
    let fate = try reader.integer("fate", 1...4)
    self.init(
      caseKey: try reader.text("case"), Fate(rawValue: UInt32(fate)) ?? .quarantined,
      stage: try reader.text("stage"), code: try reader.text("code"),
      reason: try reader.text("reason"), score: try reader.optionalNumber("score"),
      rank: wire["rank"]?.integer.flatMap { Int(exactly: $0) })
  }
}

extension SourceCase {
  var wire: JSON {
    [
      "name": .string(name), "public": .bool(isPublic), "files": .array(files.map(JSON.string)),
      "fingerprint": .string(fingerprint), "about": .object(about),
    ]
  }

  init(wire: JSON) throws {
    let reader = WorkerChannel.Reader(wire)
    self.init(
      name: try reader.text("name"), isPublic: try reader.flag("public"),
      files: try reader.list("files").map { file in
        guard let path = file.string else { throw reader.mistake("files") }
        return path
      }, fingerprint: try reader.optionalText("fingerprint") ?? "",
      about: wire["about"]?.object ?? [:])
  }
}
