internal import PonsKit

/// What the key of one call is made of, beside what all calls of its stage have in common (``StageParts``) and the packets that
/// come in. Stored with the call's record, so that a later run can say what has changed.
struct KeyParts: Sendable, Hashable {
  /// The seed of the call.
  var seed: UInt64
  /// SHA-256 of what a source says beside its files; empty when it says nothing.
  var fingerprint = ""
  /// SHA-256 of the files that a source reads, in its order.
  var sources: [String] = []
  /// SHA-256 of the files that parameters name, in the order of ``Node/files``.
  var files: [String] = []
  /// SHA-256 of what a stage is told of cases that did not arrive; empty when it does not ask.
  var absent = ""
}

extension KeyParts {
  /// The parts as a record holds them; empty ones are left out, because there is a record for every call.
  var json: JSON {
    var members: [String: JSON] = ["seed": .string(String(seed))]
    if !fingerprint.isEmpty { members["fingerprint"] = .string(fingerprint) }
    if !sources.isEmpty { members["sources"] = .array(sources.map(JSON.string)) }
    if !files.isEmpty { members["files"] = .array(files.map(JSON.string)) }
    if !absent.isEmpty { members["absent"] = .string(absent) }
    return .object(members)
  }

  /// Reads parts; nil when they are not as they were written.
  init?(_ json: JSON) {
    guard let seed = json["seed"]?.string.flatMap({ UInt64($0) }) else { return nil }
    self.init(
      seed: seed, fingerprint: json["fingerprint"]?.string ?? "",
      sources: (json["sources"]?.array ?? []).compactMap(\.string),
      files: (json["files"]?.array ?? []).compactMap(\.string),
      absent: json["absent"]?.string ?? "")
  }
}
