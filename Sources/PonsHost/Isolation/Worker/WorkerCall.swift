internal import PonsEngine
internal import PonsKit
internal import Synchronization

/// A call as a stage in a worker sees it: asks the host for everything.
final class WorkerCall: StageCall {
  let seed: UInt64
  let threads: Int
  private let link: WorkerLink
  private let counts: [String: Int]
  private let wantedPorts: Set<String>

  private struct State {
    var isActive = true
    var builders: [ObjectIdentifier: (number: Int, isInline: Bool)] = [:]
    var scratch: String?
    /// What the host answered last to the question whether the call shall end, and when.
    var ends = false
    var askedAt = -1.0
  }
  private let state = Mutex(State())

  /// Asked more often than this, the last answer is given again: stages may ask as often as they like.
  private static let secondsBetweenQuestions = 0.005

  /// - Parameter order: the host's message that begins the call.
  init(_ order: JSON, _ link: WorkerLink) throws {
    let reader = WorkerChannel.Reader(order)
    guard let seed = UInt64(try reader.text("seed")) else { throw reader.mistake("seed") }
    self.seed = seed
    self.link = link
    threads = try reader.integer("threads", 1...Int.max)
    counts = (order["inputs"]?.object ?? [:]).compactMapValues { $0.integer.map(Int.init) }
    wantedPorts = Set(try reader.list("wanted").compactMap(\.string))
  }

  /// The call has returned: nothing is asked any more.
  func expire() { state.withLock { $0.isActive = false } }

  private func checkActive() throws {
    if !state.withLock({ $0.isActive }) {
      throw StageFailure(.cancelled, "the call has returned; its context cannot be used any more")
    }
  }

  @discardableResult private func ask(_ name: String, _ members: [String: JSON] = [:]) throws
    -> JSON
  {
    try checkActive()
    var body = members
    body["do"] = .string(name)
    return try link.ask(body) { answer, _ in answer }
  }

  func log(_ level: LogLevel, code: String, _ text: String) {
    guard state.withLock({ $0.isActive }) else { return }
    try? link.tell([
      "do": "log", "level": .integer(Int64(level.rawValue)), "code": .string(code),
      "text": .string(text),
    ])
  }

  func progress(_ fraction: Double, _ note: String) -> Bool {
    ends(
      "progress",
      ["fraction": .number(fraction.isFinite ? fraction : 0), "note": .string(note)])
  }

  var isCancelled: Bool { ends("cancelled", [:]) }

  private func ends(_ question: String, _ members: [String: JSON]) -> Bool {
    let now = MonotonicClock.seconds
    let known: Bool? = state.withLock { state in
      if !state.isActive { return true }
      if now - state.askedAt < Self.secondsBetweenQuestions { return state.ends }
      state.askedAt = now
      return nil
    }
    if let known { return known }
    let ends = (try? ask(question, members))?["cancel"]?.bool ?? true
    state.withLock { $0.ends = ends }
    return ends
  }

  func scratch() throws -> String {
    try checkActive()
    if let known = state.withLock({ $0.scratch }) { return known }
    let path = try WorkerChannel.Reader(try ask("scratch")).text("path")
    state.withLock { $0.scratch = path }
    return path
  }

  func checkpoints() throws -> String {
    try WorkerChannel.Reader(try ask("checkpoints")).text("path")
  }

  func writeFile(_ name: String, _ pieces: [UnsafeRawBufferPointer]) throws {
    // The host reads the file when it takes it: a digest made here could be anything.
    _ = try DigestedFile(
      writing: pieces, to: "\(scratch())/\(name)", threads: threads,
      isCancelled: { self.isCancelled })
  }

  func caseKey(of name: String, isPublic: Bool) throws -> String {
    let answer = try ask("case_key", ["name": .string(name), "public": .bool(isPublic)])
    return try WorkerChannel.Reader(answer).text("case")
  }

  // MARK: Inputs

  func inputCount(_ port: String) throws -> Int {
    try checkActive()
    return counts[port] ?? 0
  }

  func input(_ port: String, _ index: Int) throws -> Packet {
    try checkActive()
    return try link.ask([
      "do": "input", "port": .string(port), "index": .integer(Int64(index)),
    ]) { try link.packet($0, $1) }
  }

  func absent(_ port: String) throws -> [Absence] {
    let answer = try ask("absent", ["port": .string(port)])
    return try WorkerChannel.Reader(answer).list("absent").map { try Absence(wire: $0) }
  }

  // MARK: Outputs

  func wanted(_ port: String) -> Bool { wantedPorts.contains(port) }

  func begin(_ port: String, caseKey: String?, _ tensors: [TensorRequest]) throws -> PacketBuilder {
    try checkActive()
    let size = try PacketBuilder.layout(tensors, port: port).size
    let memory = try link.ask([
      "do": "begin", "port": .string(port), "case": caseKey.map(JSON.string) ?? .null,
      "tensors": .array(tensors.map(\.wire)),
    ]) { answer, _ in try link.outputMemory(answer) }
    if (memory.buffer?.size ?? 0) < size {
      throw StageFailure(.internal, "the host gave too little memory for an output", port: port)
    }
    let builder = try PacketBuilder(
      port: port, caseKey: caseKey, tensors: tensors, buffer: memory.buffer)
    state.withLock {
      $0.builders[ObjectIdentifier(builder)] = (memory.number, memory.isInline)
    }
    return builder
  }

  private func take(_ builder: PacketBuilder) -> (number: Int, isInline: Bool)? {
    state.withLock { $0.builders.removeValue(forKey: ObjectIdentifier(builder)) }
  }

  func seal(_ builder: PacketBuilder, metadata: JSON, sidecar: JSON, shapes: [String: [Int]]) throws
  {
    try checkActive()
    guard let (number, isInline) = take(builder) else {
      throw StageFailure(
        .internal, code: "SEALED_TWICE", "the packet was sealed or discarded before")
    }
    let counts = builder.slots.map { slot in
      (shapes[slot.request.name] ?? slot.request.shape).reduce(slot.request.type.size, &*)
    }
    // Shapes that cannot be are refused by the host.
    if zip(counts, builder.slots).allSatisfy({ 0...$1.byteCount ~= $0 }) {
      try builder.clearGaps(behind: counts)
    }
    let tail =
      isInline
      ? builder.buffer.map { Array(UnsafeRawBufferPointer(start: $0.base, count: $0.size)) } ?? []
      : []
    // The host cannot take what is still mapped for writing.
    builder.releaseBuffer()
    try link.ask(
      [
        "do": "seal", "builder": .integer(Int64(number)),
        "metadata": .string(metadata.canonical), "sidecar": .string(sidecar.canonical),
        "shapes": .array(
          shapes.sorted { $0.key < $1.key }.map { name, shape in
            ["name": .string(name), "shape": .array(shape.map { .integer(Int64($0)) })]
          }),
      ], tail: tail
    ) { _, _ in }
  }

  func discard(_ builder: PacketBuilder) {
    guard let (number, _) = take(builder) else { return }
    builder.releaseBuffer()
    _ = try? ask("discard", ["builder": .integer(Int64(number))])
  }

  func forward(_ packet: Packet, to port: String, caseKey: String?) throws {
    // The identity of a packet that was lent is its number.
    guard let number = Int64(packet.identity) else {
      throw StageFailure(
        .internal, code: "BAD_FORWARD", "only packets that came in can be forwarded", port: port)
    }
    try ask(
      "forward",
      [
        "packet": .integer(number), "port": .string(port),
        "case": caseKey.map(JSON.string) ?? .null,
      ])
  }

  func verdict(_ verdict: Verdict) throws { try ask("verdict", verdict.wire.object ?? [:]) }

  // MARK: Sources

  func addCase(_ found: SourceCase) throws { try ask("add_case", found.wire.object ?? [:]) }

  func skipped(code: String, _ text: String, count: Int) throws {
    try ask(
      "skipped",
      ["code": .string(code), "text": .string(text), "count": .integer(Int64(count))])
  }
}
