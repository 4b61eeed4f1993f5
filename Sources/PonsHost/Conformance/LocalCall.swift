internal import Glibc
package import PonsEngine
package import PonsKit
internal import Synchronization

/// A call without an engine: inputs are given, and everything that the stage tells is kept. For the conformance suite
/// and for tests of the bridge.
package final class LocalCall: StageCall {
  /// A packet that the stage sent.
  package struct Sent: Sendable {
    package var port: String
    package var caseKey: String?
    package var packet: Packet
    package var isForwarded: Bool
  }

  /// All that the stage told.
  package struct Record: Sendable {
    package var sent: [Sent] = []
    package var verdicts: [Verdict] = []
    package var cases: [SourceCase] = []
    package var skipped: [String: Int] = [:]
    package var logs: [(level: LogLevel, code: String, text: String)] = []
    package var questions = 0
    package var discarded = 0
    /// When it was first told to end, on the clock of ``MonotonicClock``; nil: never.
    package var toldAt: Double?
  }

  package let seed: UInt64
  package let threads = 1
  private let inputs: [String: [Packet]]
  private let absences: [String: [Absence]]
  private let pool: BufferPool
  /// The stage is told to end at this question (progress or cancelled), counted from 0; nil: never.
  private let endsAtQuestion: Int?
  /// The stage is told to end from this time on, on the clock of ``MonotonicClock``; nil: never.
  private let endsAtTime: Double?
  /// Where checkpoints are, for tests of calls that are interrupted; nil: inside the scratch folder.
  private let checkpointFolder: String?
  /// Whether packets are held to the rules of their kind, as the engine does.
  private let checksPackets: Bool
  /// Where outputs are made.
  private let sharing: BufferSharing
  private let kinds: [String: String]
  private let state = Mutex(Record())
  private let folder = Mutex<String?>(nil)

  /// A call with inputs, and with cases that are absent, by port. `stage` gives the kinds of outputs.
  package init(
    stage: StageDescriptor, inputs: [String: [Packet]] = [:], absent: [String: [Absence]] = [:],
    seed: UInt64 = 1, pool: BufferPool = BufferPool(keeping: 64 << 20),
    endsAtQuestion: Int? = nil, endsAtTime: Double? = nil, checkpoints: String? = nil,
    checksPackets: Bool = true,
    sharing: BufferSharing = .none
  ) {
    self.sharing = sharing
    self.inputs = inputs
    absences = absent
    self.seed = seed
    self.pool = pool
    self.endsAtQuestion = endsAtQuestion
    self.endsAtTime = endsAtTime
    checkpointFolder = checkpoints
    self.checksPackets = checksPackets
    kinds = Dictionary(
      stage.outputs.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
  }

  deinit { folder.withLock { if let path = $0 { HostFile.removeTree(path) } } }

  /// What the stage told so far.
  package var record: Record { state.withLock { $0 } }

  package func log(_ level: LogLevel, code: String, _ text: String) {
    state.withLock { $0.logs.append((level, code, text)) }
  }

  package func progress(_ fraction: Double, _ note: String) -> Bool { isCancelled }

  package var isCancelled: Bool {
    let now = MonotonicClock.seconds
    return state.withLock { state in
      state.questions += 1
      let ends =
        (endsAtQuestion.map { state.questions > $0 } ?? false)
        || (endsAtTime.map { now >= $0 } ?? false)
      if ends, state.toldAt == nil { state.toldAt = now }
      return ends
    }
  }

  package func scratch() throws -> String {
    try folder.withLock { folder in
      if let folder { return folder }
      let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
      var template = Array((base + "/pons-XXXXXX").utf8CString)
      guard mkdtemp(&template) != nil else {
        throw StageFailure(.resource, "no scratch folder can be made")
      }
      let path = String(
        decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      folder = path
      return path
    }
  }

  /// A folder inside the scratch folder: calls of a check are independent of each other.
  package func checkpoints() throws -> String {
    if let checkpointFolder { return checkpointFolder }
    let path = try scratch() + "/.checkpoints"
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw StageFailure(.resource, "no folder for checkpoints can be made")
    }
    return path
  }

  package func writeFile(_ name: String, _ pieces: [UnsafeRawBufferPointer]) throws {
    _ = try DigestedFile(
      writing: pieces, to: scratch() + "/" + name, threads: threads,
      isCancelled: { self.isCancelled })
  }

  /// Names are their own keys here: nothing is secret in a check.
  package func caseKey(of name: String, isPublic: Bool) throws -> String { name }

  package func inputCount(_ port: String) throws -> Int { inputs[port]?.count ?? 0 }

  package func input(_ port: String, _ index: Int) throws -> Packet {
    guard let packets = inputs[port], packets.indices.contains(index) else {
      throw StageFailure(.internal, code: "NO_SUCH_INPUT", "no packet \(index)", port: port)
    }
    return packets[index]
  }

  package func absent(_ port: String) throws -> [Absence] { absences[port] ?? [] }

  package func wanted(_ port: String) -> Bool { true }

  package func begin(_ port: String, caseKey: String?, _ tensors: [TensorRequest]) throws
    -> PacketBuilder
  {
    try PacketBuilder(
      port: port, caseKey: caseKey, tensors: tensors, pool: pool, sharing: sharing)
  }

  package func seal(
    _ builder: PacketBuilder, metadata: JSON, sidecar: JSON, shapes: [String: [Int]]
  ) throws {
    for name in shapes.keys where !builder.slots.contains(where: { $0.request.name == name }) {
      throw StageFailure(
        .internal, code: "UNKNOWN_TENSOR", "the final shape of '\(name)', which was not asked for",
        port: builder.port)
    }
    let tensors = try builder.slots.map { slot in
      let request = slot.request
      let shape = shapes[request.name] ?? request.shape
      if shape.contains(where: { $0 < 0 })
        || shape.reduce(1, *) > request.shape.reduce(1, *)
      {
        throw StageFailure(
          .internal, code: "BAD_SHAPE",
          "tensor '\(request.name)' of shape \(request.shape) cannot become \(shape)",
          port: builder.port)
      }
      let base = builder.buffer.map { UnsafeRawPointer($0.base) } ?? Self.nothing
      return PacketTensor(
        name: request.name, type: request.type, shape: shape, data: base + slot.offset,
        offset: slot.offset)
    }
    let isFiles = kinds[builder.port] == "files"
    let metadata = isFiles ? try withDigests(metadata, port: builder.port) : metadata
    if checksPackets {
      try PacketKindRules.check(
        kind: kinds[builder.port] ?? "", tensors: tensors, metadata: metadata, port: builder.port)
    }
    let packet = Packet(
      kind: kinds[builder.port] ?? "", caseKey: builder.caseKey,
      tensors: tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
      metadata: metadata.canonical, sidecar: sidecar.canonical, identity: "",
      buffer: builder.buffer)
    state.withLock {
      $0.sent.append(
        Sent(port: builder.port, caseKey: builder.caseKey, packet: packet, isForwarded: false))
    }
  }

  /// The metadata of a files packet with size and content of every file, as the engine completes it.
  private func withDigests(_ metadata: JSON, port: String) throws -> JSON {
    guard let files = metadata["files"]?.array else {
      throw StageFailure(
        .internal, code: "BAD_FILES", "the metadata of a files packet has no list 'files'",
        port: port)
    }
    let scratch = try scratch()
    let completed: [JSON] = try files.map { file in
      guard let name = file["name"]?.string, !name.isEmpty,
        !name.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
          $0.isEmpty || $0 == "." || $0 == ".."
        }), HostFile.isFile(scratch + "/" + name)
      else {
        throw StageFailure(
          .internal, code: "BAD_FILES", "a file that was named is not in the scratch folder",
          port: port)
      }
      var members = file.object ?? [:]
      members["sha256"] = .string(try SHA256.digest(file: scratch + "/" + name))
      return .object(members)
    }
    var members = metadata.object ?? [:]
    members["files"] = .array(completed)
    return .object(members)
  }

  /// Where tensors without elements are; never read.
  private nonisolated(unsafe) static let nothing = UnsafeRawPointer(
    UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64))

  package func discard(_ builder: PacketBuilder) { state.withLock { $0.discarded += 1 } }

  package func forward(_ packet: Packet, to port: String, caseKey: String?) throws {
    state.withLock {
      $0.sent.append(Sent(port: port, caseKey: caseKey, packet: packet, isForwarded: true))
    }
  }

  package func verdict(_ verdict: Verdict) throws { state.withLock { $0.verdicts.append(verdict) } }

  package func addCase(_ found: SourceCase) throws { state.withLock { $0.cases.append(found) } }

  package func skipped(code: String, _ text: String, count: Int) throws {
    state.withLock { $0.skipped[code, default: 0] += count }
  }
}
