internal import Glibc
internal import PonsKit
internal import Synchronization

/// An output that a call has sent.
struct SentOutput {
  let port: String
  let caseKey: String?
  enum Content {
    case packet(Packet)
    /// The packet that came in at a port, as it is.
    case forwarded(PacketSlot, port: String)
  }
  let content: Content
}

/// What a call did, when it ended well.
struct CallResult {
  var outputs: [SentOutput] = []
  var verdicts: [Verdict] = []
  var found: [SourceCase] = []
  var skipped: [StageSummary.Skipped] = []
  /// Folder with the files of `files` packets, `<n>.files/`, or nil when there are none.
  var files: String?
  /// What the call would have gone on from. It can go when the result is stored.
  var checkpoints: CheckpointFolder?
}

/// The engine's side of one call of a stage: gives inputs, takes outputs, checks both.
final class EngineCall: StageCall {
  private struct State {
    var isActive = true
    var result = CallResult()
    var scratch: String?
    /// Files in it that the engine has written.
    var written: [String: DigestedFile] = [:]
    /// How many `files` packets were taken.
    var staged = 0
    /// Where each loaded packet came from, for `forward`.
    var loaded: [String: (slot: PacketSlot, port: String)] = [:]
    /// Packets of ALL ports that were found to keep the port's promises: position and index.
    var checked: Set<[Int]> = []
    var openBuilders: [ObjectIdentifier: PacketBuilder] = [:]
  }

  private let execution: Execution
  private let executor: Executor
  /// Packets of EACH and ONCE ports by port position, loaded before the call.
  private let loaded: [Packet?]
  private let key: String
  private let folder: String
  private let isEnumerating: Bool
  private let state = Mutex(State())

  var seed: UInt64 { execution.seed }
  var threads: Int {
    let node = execution.node
    return node.descriptor.takesAnyThreads
      ? execution.freeThreads.load(ordering: .relaxed) : node.threads
  }
  private var node: Node { execution.node }
  private var descriptor: StageDescriptor { execution.node.descriptor }

  /// - Parameters:
  ///   - loaded: the packets of EACH and ONCE ports, by port position.
  ///   - folder: a path for scratch and output files that nobody else uses; made on demand.
  init(
    _ execution: Execution, executor: Executor, loaded: [Packet?], key: String, folder: String,
    isEnumerating: Bool = false
  ) {
    self.execution = execution
    self.executor = executor
    self.loaded = loaded
    self.key = key
    self.folder = folder
    self.isEnumerating = isEnumerating
  }

  /// Ends the call: from now on every service answers "cancelled".
  func expire() -> CallResult {
    let (result, scratch) = state.withLock { state in
      state.isActive = false
      state.openBuilders = [:]
      state.loaded = [:]
      defer { state.scratch = nil }
      return (state.result, state.scratch)
    }
    if let scratch { FileSystem.remove(scratch) }
    return result
  }

  private func checkActive() throws {
    if !state.withLock({ $0.isActive }) {
      throw StageFailure(.cancelled, "the call has returned; its context cannot be used any more")
    }
  }

  private func misuse(_ code: String, _ message: String, port: String? = nil) -> StageFailure {
    StageFailure(.internal, code: code, "stage '\(descriptor.id)': \(message)", port: port)
  }

  // MARK: What happens

  func log(_ level: LogLevel, code: String, _ text: String) {
    guard state.withLock({ $0.isActive }) else { return }
    executor.emit(
      .log(level: level, stage: node.name, caseKey: execution.caseKey, code: code, text: text))
  }

  func progress(_ fraction: Double, _ note: String) -> Bool {
    guard state.withLock({ $0.isActive }) else { return true }
    executor.emit(
      .progress(
        stage: node.name, caseKey: execution.caseKey,
        fraction: fraction.isNaN ? 0 : min(max(fraction, 0), 1), note: note))
    return executor.isCancelled
  }

  var isCancelled: Bool { executor.isCancelled || !state.withLock { $0.isActive } }

  func scratch() throws -> String {
    try checkActive()
    return try state.withLock { state in
      if let scratch = state.scratch { return scratch }
      let path = "\(folder)/scratch"
      try FileSystem.makeFolders(path, mode: 0o700)
      state.scratch = path
      return path
    }
  }

  func checkpoints() throws -> String {
    try checkActive()
    return try state.withLock { state in
      if let folder = state.result.checkpoints { return folder.path }
      // Preparations and listings of cases have no key: what they leave is of no use to anybody.
      let folder = try CheckpointFolder(
        key.isEmpty ? "\(folder)/checkpoints" : executor.store.checkpoints(of: key),
        fallback: "\(folder)/checkpoints")
      state.result.checkpoints = folder
      return folder.path
    }
  }

  func writeFile(_ name: String, _ pieces: [UnsafeRawBufferPointer]) throws {
    guard CaseKey.isFileName(name) else {
      throw misuse("BAD_FILE", "the name of a file that it writes has folders, or is no name")
    }
    let file = try DigestedFile(
      writing: pieces, to: "\(scratch())/\(name)", threads: threads,
      isCancelled: { self.isCancelled })
    state.withLock { $0.written[name] = file }
  }

  func caseKey(of name: String, isPublic: Bool) throws -> String {
    try checkActive()
    // The site's key is part of such stages' keys only.
    guard node.asksForCaseKeys else {
      throw misuse(
        "NO_CASE_KEYS",
        "it asks for the key of a case, and has neither a port that sends under such keys nor a parameter that "
          + "names a file")
    }
    if name.isEmpty { throw misuse("BAD_CASE", "it asks for the key of a case without a name") }
    return CaseKey.of(name, isPublic: isPublic, executor.siteKey)
  }

  // MARK: Inputs

  private func position(_ port: String) throws -> Int? {
    if let position = node.ports.firstIndex(where: { $0.descriptor.name == port }) {
      return position
    }
    if descriptor.input(port) == nil {
      throw misuse("UNKNOWN_PORT", "it has no input port '\(port)'", port: port)
    }
    return nil
  }

  func inputCount(_ port: String) throws -> Int {
    try checkActive()
    guard let position = try position(port) else { return 0 }
    return execution.inputs[position].count
  }

  func absent(_ port: String) throws -> [Absence] {
    try checkActive()
    guard let position = try position(port) else { return [] }
    // The absent cases are part of the keys of those calls only that ask for them.
    guard node.ports[position].descriptor.asksForAbsent else {
      throw misuse("NOT_ASKING", "port '\(port)' does not ask for absent cases", port: port)
    }
    return execution.absent.indices.contains(position) ? execution.absent[position] : []
  }

  func input(_ port: String, _ index: Int) throws -> Packet {
    try checkActive()
    guard let position = try position(port), execution.inputs[position].indices.contains(index)
    else {
      throw misuse("NO_SUCH_INPUT", "port '\(port)' has no packet \(index)", port: port)
    }
    let slot = execution.inputs[position][index]
    let packet: Packet
    if node.ports[position].cardinality == .all {
      packet = try executor.content(of: slot, keeping: true)
      let isNew = state.withLock { $0.checked.insert([position, index]).inserted }
      if isNew { try check(packet, at: position, index: index) }
    } else if let ready = loaded[position] {
      packet = ready
    } else {
      throw misuse("NO_SUCH_INPUT", "port '\(port)' has no packet", port: port)
    }
    state.withLock { $0.loaded[packet.identity + (packet.caseKey ?? "")] = (slot, port) }
    return packet
  }

  /// Checks what the port promises: element type and grid.
  private func check(_ packet: Packet, at position: Int, index: Int) throws {
    try executor.check(
      packet, at: node.ports[position].descriptor,
      partner: { name in
        guard let other = self.node.ports.firstIndex(where: { $0.descriptor.name == name }),
          self.execution.inputs[other].indices.contains(index)
        else { return nil }
        return try self.executor.content(of: self.execution.inputs[other][index], keeping: true)
      })
  }

  // MARK: Outputs

  func wanted(_ port: String) -> Bool { node.wants(port) }

  private func outputPort(_ name: String) throws -> (PortDescriptor, OutputCardinality) {
    guard let port = descriptor.output(name), case .output(let cardinality) = port.flow else {
      throw misuse("UNKNOWN_PORT", "it has no output port '\(name)'", port: name)
    }
    return (port, cardinality)
  }

  /// The key of the case that an output belongs to, from what the stage named.
  private func outputCase(_ named: String?, port: PortDescriptor, _ cardinality: OutputCardinality)
    throws -> String?
  {
    switch cardinality {
    case .one:
      if named != nil {
        throw misuse(
          "BAD_CASE", "port '\(port.name)' sends one packet a run, of no case", port: port.name)
      }
      return nil
    case .perCase:
      let key = named ?? execution.caseKey
      let isKnown: Bool
      if execution.caseIndex != nil {
        isKnown = key == execution.caseKey
      } else {
        isKnown = key.map { execution.isInCohort($0) } ?? false
      }
      if !isKnown {
        throw misuse(
          "BAD_CASE", "port '\(port.name)' got a packet for a case that did not come in",
          port: port.name)
      }
      return key
    case .newCases where port.sendsCaseKeys:
      guard let named, execution.caseKey != nil, CaseKey.isKey(named) else {
        throw misuse(
          "BAD_CASE", "port '\(port.name)' got a packet without the whole key of a case",
          port: port.name)
      }
      return named
    case .newCases:
      guard let named, let parent = execution.caseKey, CaseKey.isLabel(named) else {
        throw misuse(
          "BAD_CASE",
          "port '\(port.name)' makes new cases: each needs a label of 1 to 64 characters "
            + "A-Z, a-z, 0-9, '.', '_', '-'", port: port.name)
      }
      return "\(parent)-\(named)"
    }
  }

  func begin(_ port: String, caseKey: String?, _ tensors: [TensorRequest]) throws -> PacketBuilder {
    try checkActive()
    let (descriptor, cardinality) = try outputPort(port)
    let key = try outputCase(caseKey, port: descriptor, cardinality)
    let builder = try PacketBuilder(
      port: port, caseKey: key, tensors: tensors, pool: executor.pool,
      sharing: node.sharing[port] ?? .none)
    state.withLock { $0.openBuilders[ObjectIdentifier(builder)] = builder }
    return builder
  }

  func discard(_ builder: PacketBuilder) {
    let released = state.withLock { $0.openBuilders.removeValue(forKey: ObjectIdentifier(builder)) }
    _ = released
  }

  func seal(_ builder: PacketBuilder, metadata: JSON, sidecar: JSON, shapes: [String: [Int]]) throws
  {
    try checkActive()
    guard
      state.withLock({ $0.openBuilders.removeValue(forKey: ObjectIdentifier(builder)) }) != nil
    else { throw misuse("SEALED_TWICE", "the packet was sealed or discarded before") }
    let (port, _) = try outputPort(builder.port)
    let tensors = try finalTensors(builder, shapes: shapes)
    var metadata = metadata
    var staged: String?
    if port.kind == "files" { (metadata, staged) = try takeFiles(metadata, port: port.name) }
    guard metadata.object != nil, sidecar.object != nil else {
      throw misuse("BAD_METADATA", "metadata and sidecar are JSON objects", port: port.name)
    }
    try PacketKindRules.check(
      kind: port.kind, tensors: tensors, metadata: metadata, port: port.name)
    if let voxels = tensors.first(where: { $0.name == "voxels" }), !port.elementTypes.isEmpty,
      !port.elementTypes.contains(voxels.type)
    {
      throw misuse(
        "BAD_PACKET", "port '\(port.name)' sends \(voxels.type.rawValue) against its own promise",
        port: port.name)
    }
    let text = metadata.canonical
    let identity =
      descriptor.isDeterministic
      ? try Execution.identity(key: key, port: port.name, caseKey: builder.caseKey)
      : try Packet.contentDigest(kind: port.kind, tensors: tensors, metadata: text)
    let packet = Packet(
      kind: port.kind, caseKey: builder.caseKey, tensors: tensors, metadata: text,
      sidecar: sidecar.canonical, identity: identity, buffer: builder.buffer)
    let index = try send(
      SentOutput(port: port.name, caseKey: builder.caseKey, content: .packet(packet)), port: port)
    // The store keeps packet 3 in 3.safetensors and its files in 3.files.
    if let staged, rename(staged, "\(folder)/entry/\(index).files") != 0 {
      throw SystemFailure.resource("rename", path: "\(index).files")
    }
  }

  func forward(_ packet: Packet, to port: String, caseKey: String?) throws {
    try checkActive()
    let (descriptor, cardinality) = try outputPort(port)
    let key = try outputCase(caseKey, port: descriptor, cardinality)
    guard
      let origin = state.withLock({ $0.loaded[packet.identity + (packet.caseKey ?? "")] })
    else {
      throw misuse("BAD_FORWARD", "only packets that came in can be forwarded", port: port)
    }
    if descriptor.kind != packet.kind {
      throw misuse(
        "BAD_FORWARD", "port '\(port)' sends \(descriptor.kind), not \(packet.kind)", port: port)
    }
    if key != packet.caseKey {
      guard descriptor.sendsCaseKeys, let key else {
        throw misuse("BAD_FORWARD", "a packet keeps its case when it is forwarded", port: port)
      }
      return try forward(packet, to: descriptor, as: key)
    }
    _ = try send(
      SentOutput(port: port, caseKey: key, content: .forwarded(origin.slot, port: origin.port)),
      port: descriptor)
  }

  /// Sends a packet under another key: a packet of its own on the same memory.
  private func forward(_ packet: Packet, to port: PortDescriptor, as caseKey: String) throws {
    let identity =
      descriptor.isDeterministic
      ? try Execution.identity(key: key, port: port.name, caseKey: caseKey)
      : try Packet.contentDigest(
        kind: packet.kind, tensors: packet.tensors, metadata: packet.metadata)
    let renamed = Packet(
      kind: packet.kind, caseKey: caseKey, tensors: packet.tensors, metadata: packet.metadata,
      sidecar: packet.sidecar, identity: identity, buffer: packet.buffer,
      dataStart: packet.dataStart)
    _ = try send(
      SentOutput(port: port.name, caseKey: caseKey, content: .packet(renamed)), port: port)
  }

  /// Adds an output; answers its index among those of the call.
  private func send(_ output: SentOutput, port: PortDescriptor) throws -> Int {
    let index: Int? = state.withLock { state in
      // Only ALL stages send many packets through a port; they are checked once, at the end.
      let isRepeated =
        execution.caseIndex != nil
        && state.result.outputs.contains { $0.port == output.port && $0.caseKey == output.caseKey }
      if isRepeated { return nil }
      state.result.outputs.append(output)
      return state.result.outputs.count - 1
    }
    guard let index else {
      throw misuse("SENT_TWICE", "port '\(port.name)' got two packets for a case", port: port.name)
    }
    return index
  }

  private func finalTensors(_ builder: PacketBuilder, shapes: [String: [Int]]) throws
    -> [PacketTensor]
  {
    for name in shapes.keys where !builder.slots.contains(where: { $0.request.name == name }) {
      throw misuse("BAD_SHAPE", "there is no tensor '\(name)' to shrink", port: builder.port)
    }
    var finals: [(shape: [Int], byteCount: Int)] = []
    for slot in builder.slots {
      let shape = shapes[slot.request.name] ?? slot.request.shape
      let (count, overflow) = PacketBuilder.byteCount(type: slot.request.type, shape: shape)
      if overflow || count > slot.byteCount || shape.count > PacketBuilder.maximumDimensions {
        throw misuse(
          "BAD_SHAPE", "tensor '\(slot.request.name)' cannot have the final shape \(shape)",
          port: builder.port)
      }
      finals.append((shape, count))
    }
    // May put other memory in the place of the builder's.
    try builder.clearGaps(behind: finals.map(\.byteCount))
    var tensors: [PacketTensor] = []
    for (slot, shape) in zip(builder.slots, finals.map(\.shape)) {
      guard
        let data = builder.buffer.map({ UnsafeRawPointer($0.base + slot.offset) })
          ?? UnsafeRawPointer(bitPattern: 64)
      else { continue }
      tensors.append(
        PacketTensor(
          name: slot.request.name, type: slot.request.type, shape: shape, data: data,
          offset: slot.offset))
    }
    return tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Takes the files of a `files` packet out of scratch, and adds size and SHA-256 to its metadata; answers the folder where
  /// they are now.
  private func takeFiles(_ metadata: JSON, port: String) throws -> (JSON, String) {
    guard var members = metadata.object, let files = metadata["files"]?.array, !files.isEmpty else {
      throw misuse("BAD_PACKET", "the metadata of files need a list 'files'", port: port)
    }
    let scratch = try scratch()
    let number = state.withLock { state in
      state.result.files = "\(folder)/entry"
      state.staged += 1
      return state.staged
    }
    let target = "\(folder)/entry/staged-\(number)"
    try FileSystem.makeFolders(target, mode: 0o700)
    var listed: [JSON] = []
    var seen: Set<String> = []
    for file in files {
      guard let name = file["name"]?.string, CaseKey.isFileName(name), seen.insert(name).inserted
      else {
        throw misuse(
          "BAD_PACKET", "each of the files needs a 'name' of its own, without folders", port: port)
      }
      var status = stat()
      guard lstat("\(scratch)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw misuse("BAD_PACKET", "'\(name)' is no file in the scratch folder", port: port)
      }
      if rename("\(scratch)/\(name)", "\(target)/\(name)") != 0 {
        throw SystemFailure.resource("rename", path: name)
      }
      var entry = file.object ?? [:]
      entry["bytes"] = .integer(Int64(status.st_size))
      let known = state.withLock { $0.written[name] }?.digest(of: status)
      entry["sha256"] = .string(try known ?? SHA256.digest(file: "\(target)/\(name)"))
      listed.append(.object(entry))
    }
    members["files"] = .array(listed)
    return (.object(members), target)
  }

  func verdict(_ verdict: Verdict) throws {
    try checkActive()
    var verdict = verdict
    if let key = verdict.caseKey ?? execution.caseKey {
      let isKnown =
        execution.caseIndex != nil
        ? key == execution.caseKey : execution.isInCohort(key)
      guard isKnown else {
        throw misuse("BAD_CASE", "it gave a verdict on a case that did not come in")
      }
      verdict.caseKey = key
    } else {
      throw misuse("BAD_CASE", "its verdict names no case")
    }
    if verdict.score?.isFinite == false { verdict.score = nil }
    state.withLock { $0.result.verdicts.append(verdict) }
  }

  // MARK: Sources

  func addCase(_ found: SourceCase) throws {
    try checkActive()
    guard isEnumerating else { throw misuse("NOT_ENUMERATING", "cases are announced in enumerate") }
    if found.name.isEmpty { throw misuse("BAD_CASE", "a case has no name") }
    state.withLock { $0.result.found.append(found) }
  }

  func skipped(code: String, _ text: String, count: Int) throws {
    try checkActive()
    guard isEnumerating else { throw misuse("NOT_ENUMERATING", "things are skipped in enumerate") }
    state.withLock { state in
      if let index = state.result.skipped.firstIndex(where: { $0.code == code }) {
        state.result.skipped[index].count += count
      } else {
        state.result.skipped.append(StageSummary.Skipped(code: code, text: text, count: count))
      }
    }
  }
}
