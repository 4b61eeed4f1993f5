internal import PonsKit
internal import Synchronization

/// One call of a stage that is to be made, or was made: the stage, the case, and what comes in.
final class Execution: Sendable {
  let node: Node
  /// The case in the run's table; nil for calls that see all cases or none.
  let caseIndex: Int?
  let caseKey: String?
  /// The packets at each input port, in the order of `node.ports`: one, none (optional and not connected), or the cohort
  /// sorted by case key.
  let inputs: [[PacketSlot]]
  /// The cases without a packet at each ALL port that asks for them, in the order of `node.ports`; empty when none asks.
  let absent: [[Absence]]
  /// What the source announced, for reads.
  let sourceCase: SourceCase?

  private let cachedKey = Mutex<String?>(nil)
  private let cohortSet = Mutex<Set<String>?>(nil)
  /// Held while the call is made again for a packet that was let go.
  let remaking = Mutex(())
  /// A file that it reads is known to hold ground truth.
  let readsGroundTruth = Atomic<Bool>(false)
  /// How often it failed with RESOURCE.
  let attempts = Atomic<Int>(0)

  /// The threads that the call got from the scheduler, when the stage takes any number.
  let freeThreads = Atomic<Int>(1)

  /// The seed of the call.
  let seed: UInt64

  init(
    node: Node, caseIndex: Int?, caseKey: String?, inputs: [[PacketSlot]],
    absent: [[Absence]] = [], sourceCase: SourceCase? = nil
  ) {
    self.node = node
    self.caseIndex = caseIndex
    self.caseKey = caseKey
    self.inputs = inputs
    self.absent = absent
    self.sourceCase = sourceCase
    seed = node.seed(for: caseKey)
  }

  /// The keys of the cases that an ALL stage sees: those of its joined ports.
  var cohort: [String] {
    guard let port = node.ports.firstIndex(where: { $0.isJoinedAll }) else { return [] }
    return inputs[port].compactMap(\.caseKey)
  }

  /// Whether a case is among those that an ALL stage sees.
  func isInCohort(_ key: String) -> Bool {
    cohortSet.withLock { known in
      if let known { return known.contains(key) }
      let set = Set(cohort)
      known = set
      return set.contains(key)
    }
  }

  /// The cache key: SHA-256 over everything that decides the result, and nothing else (no paths, no times).
  func key(digests: FileDigests) throws -> String {
    if let key = cachedKey.withLock({ $0 }) { return key }
    return try key(parts(digests: digests))
  }

  /// What the key is made of. Reads the files that were not digested before.
  func parts(digests: FileDigests) throws -> KeyParts {
    var parts = KeyParts(seed: seed)
    if let sourceCase {
      if !sourceCase.fingerprint.isEmpty {
        var hash = SHA256()
        hash.update(sourceCase.fingerprint)
        parts.fingerprint = try hash.finish()
      }
      parts.sources = try digests.digests(
        of: sourceCase.files, threads: freeThreads.load(ordering: .relaxed))
    }
    parts.files = try node.files.map { try digests.digest(ofParameter: $0.path) }
    if zip(node.ports, absent).contains(where: { $0.0.descriptor.asksForAbsent }) {
      var hash = SHA256()
      for (port, absences) in zip(node.ports, absent) where port.descriptor.asksForAbsent {
        hash.update(field: "absent \(port.descriptor.name)")
        hash.update(field: String(absences.count))
        for absence in absences { absence.update(&hash) }
      }
      parts.absent = try hash.finish()
    }
    return parts
  }

  /// The key that follows from its parts.
  func key(_ parts: KeyParts) throws -> String {
    var hash = SHA256()
    hash.update(field: node.keyPrefix)
    hash.update(field: caseKey ?? "")
    hash.update(field: String(parts.seed))
    hash.update(field: parts.fingerprint)
    hash.update(field: String(parts.sources.count))
    for digest in parts.sources + parts.files { hash.update(field: digest) }
    for (port, slots) in zip(node.ports, inputs) {
      hash.update(field: port.descriptor.name)
      hash.update(field: String(slots.count))
      for slot in slots {
        hash.update(field: slot.caseKey ?? "")
        hash.update(field: slot.identity)
      }
    }
    hash.update(field: parts.absent)
    let key = try hash.finish()
    cachedKey.withLock { $0 = key }
    return key
  }

  /// The identity of an output packet of a deterministic stage: who made it, from what, on which port.
  static func identity(key: String, port: String, caseKey: String?) throws -> String {
    var hash = SHA256()
    hash.update(field: "pons packet 1")
    hash.update(field: key)
    hash.update(field: port)
    hash.update(field: caseKey ?? "")
    return try hash.finish()
  }
}

extension Absence {
  /// Everything that a stage is told about it.
  fileprivate func update(_ hash: inout SHA256) {
    hash.update(field: caseKey)
    hash.update(field: String(fate.rawValue))
    hash.update(field: stage)
    hash.update(field: code)
    hash.update(field: reason)
    hash.update(field: score.map { String($0) } ?? "")
    hash.update(field: rank.map { String($0) } ?? "")
  }
}
