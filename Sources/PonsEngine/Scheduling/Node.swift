internal import PonsKit
internal import PonsManifest
internal import Synchronization

/// A stage of the graph in a run: what never changes while it runs.
final class Node: Sendable {
  /// A connected input port.
  struct Port: Sendable {
    let descriptor: PortDescriptor
    let cardinality: InputCardinality
    /// Index of the producing node, and its output port.
    let producer: Int
    let output: String

    var isJoinedAll: Bool { cardinality == .all && !descriptor.isUnjoined }
  }

  /// Somebody who gets what an output port sends.
  enum Consumer: Sendable {
    case port(node: Int, position: Int)
    case sink(Int)
  }

  let index: Int
  let stage: GraphStage
  let provider: any StageProvider
  let ports: [Port]
  /// Consumers of each output port that has any.
  let consumers: [String: [Consumer]]
  /// Threads that one call may keep busy: part of the key, because sums change with it. Where they do not, the most that
  /// a call may get.
  let threads: Int
  /// Everything of the cache key that is the same for all cases.
  let parts: StageParts
  /// The digest of ``parts``.
  let keyPrefix: String
  /// Files that parameters name: their content is part of the key. Sources tell themselves what they read.
  let files: [(parameter: String, path: String)]
  /// May ask for keys of cases by name: the site's secret is part of its key then.
  let asksForCaseKeys: Bool
  /// One call at a time, unless the stage is parallel.
  let gate: Monitor?
  /// How the memory of packets is shared with other processes, by output port; not at all for those that are not listed.
  let sharing: [String: BufferSharing]

  /// What the run's seed and the stage's name give to the seed of every call.
  private let seedState: UInt64
  private let instance = Mutex<(any StageInstance)?>(nil)

  init(
    index: Int, stage: GraphStage, provider: any StageProvider, ports: [Port],
    consumers: [String: [Consumer]], threads: Int, seed: UInt64, siteKey: SiteKey, gate: Monitor?,
    sharing: [String: BufferSharing] = [:]
  ) throws {
    self.sharing = sharing
    self.index = index
    self.stage = stage
    self.provider = provider
    self.ports = ports
    self.consumers = consumers
    self.threads = threads
    self.gate = gate
    seedState = Self.mix(seed, with: stage.name)
    let descriptor = stage.descriptor
    files =
      descriptor.isSource
      ? []
      : descriptor.parameters.filter { $0.type == .path || $0.type == .array(.path) }
        .map(\.name).sorted().flatMap { name in
          let value = stage.parameters[name]
          return (value?.array ?? [value ?? .null]).compactMap(\.string).map { (name, $0) }
        }
    asksForCaseKeys = descriptor.outputs.contains(where: \.sendsCaseKeys) || !files.isEmpty
    parts = StageParts(
      use: descriptor.id, version: descriptor.version, code: provider.codeDigest,
      parameters: stage.parameters.filter { name, _ in
        descriptor.parameter(name)?.affectsResult ?? true
      }, threads: descriptor.takesAnyThreads ? "any" : String(threads),
      carriesGroundTruth: stage.carriesGroundTruth,
      site: asksForCaseKeys ? siteKey.fingerprint : "")
    keyPrefix = try parts.digest()
  }

  var name: String { stage.name }
  var descriptor: StageDescriptor { stage.descriptor }
  var schedule: StageSchedule { stage.descriptor.schedule }

  /// The seed of a call: the same for the same run seed, stage name and case, on every machine.
  func seed(for caseKey: String?) -> UInt64 {
    var seed = Self.mix(seedState, with: caseKey ?? "")
    // The finish of SplitMix64 (Steele, Lea and Flood 2014): seeds of similar names have nothing in common.
    seed = (seed ^ seed >> 30) &* 0xbf58_476d_1ce4_e5b9
    seed = (seed ^ seed >> 27) &* 0x94d0_49bb_1331_11eb
    return seed ^ seed >> 31
  }

  /// FNV-1a over a text, from a state.
  private static func mix(_ state: UInt64, with text: String) -> UInt64 {
    text.utf8.reduce(state ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// Whether somebody reads the output port.
  func wants(_ output: String) -> Bool { consumers[output] != nil }

  /// The instance, made on first use.
  func instance(call: any StageCall) throws -> any StageInstance {
    try instance.withLock { instance in
      if let instance { return instance }
      let made = try provider.makeInstance(parameters: .object(stage.parameters), call: call)
      instance = made
      return made
    }
  }

  /// Lets go of the instance at the end of a run.
  func releaseInstance() {
    let released = instance.withLock { instance in
      defer { instance = nil }
      return instance
    }
    _ = released
  }
}
