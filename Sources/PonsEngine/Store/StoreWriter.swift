internal import Glibc
internal import PonsKit

/// A call whose result is to be stored.
struct PendingEntry: Sendable {
  let key: String
  /// The key as the journal has it.
  let journalKey: Journal.Key?
  let execution: Execution
  let record: StoredRecord
  /// Packets that have no place yet, each with the slot and the index of its output.
  let packets: [(output: Int, packet: Packet, slot: PacketSlot)]
  /// Folder that becomes the entry, when the result has files.
  let files: String?
  /// What is not needed any more when the result is stored.
  let checkpoints: CheckpointFolder?

  init(
    key: String, parts: KeyParts, execution: Execution, result: CallResult, slots: [PacketSlot],
    seconds: Double
  ) {
    self.key = key
    journalKey = Journal.Key(hexadecimal: key)
    self.execution = execution
    files = result.files
    checkpoints = result.checkpoints
    let isTransient = execution.node.descriptor.isTransient
    var packets: [(output: Int, packet: Packet, slot: PacketSlot)] = []
    var outputs: [StoredRecord.Output] = []
    var bytes = 0
    for (index, sent) in result.outputs.enumerated() {
      var facts: JSON?
      let content: StoredRecord.Output.Content
      switch sent.content {
      case .forwarded(_, let port): content = .forwarded(port: port)
      case .packet(let packet):
        content = .nowhere
        if isTransient {
          facts = packet.facts
        } else {
          packets.append((index, packet, slots[index]))
          bytes += packet.fileSize + packet.bytesOfFiles
          _ = slots[index].beginWriting()
        }
      }
      outputs.append(
        StoredRecord.Output(
          port: sent.port, caseKey: sent.caseKey, identity: slots[index].identity,
          kind: slots[index].kind, content: content, facts: facts))
    }
    self.packets = packets
    record = StoredRecord(
      stage: execution.node.name, caseKey: execution.caseKey,
      stageParts: execution.node.keyPrefix, keyParts: parts, outputs: outputs,
      verdicts: result.verdicts,
      inputs: zip(execution.node.ports, execution.inputs).flatMap { port, slots in
        slots.map { (port.descriptor.name, $0.caseKey, $0.identity) }
      }, seconds: seconds, bytes: bytes)
  }
}

extension Packet {
  /// Metadata and sidecar as one value.
  fileprivate var facts: JSON? {
    guard let metadata = try? JSON(parsing: metadata), let sidecar = try? JSON(parsing: sidecar)
    else { return nil }
    return ["metadata": metadata, "sidecar": sidecar]
  }

  /// Bytes of the files that a packet of files lists.
  fileprivate var bytesOfFiles: Int {
    guard kind == "files", let files = try? JSON(parsing: metadata)["files"]?.array else {
      return 0
    }
    return files.reduce(0) { $0 + Int($1["bytes"]?.integer ?? 0) }
  }
}

/// Writes finished calls, spilled packets and published outputs, in order, on a thread of its own, so that no stage waits for a
/// disk.
final class StoreWriter: @unchecked Sendable {
  // @unchecked: the queue is guarded by the monitor; the rest belongs to the writing thread.
  enum Job: Sendable {
    case store(PendingEntry)
    case spill(PacketSlot)
    case run(@Sendable () -> Void)
  }

  private let store: PacketStore
  private let monitor = Monitor()
  private var queue: [Job] = []
  private var isBusy = false
  private var isWaiting = false
  private var isEnding = false
  private var journal: JournalWriter?
  private var spills = 0
  private var thread: EngineThread?
  /// Called after every batch, and with the error when something cannot be written.
  private let notify: @Sendable (StageFailure?) -> Void

  init(store: PacketStore, notify: @escaping @Sendable (StageFailure?) -> Void) throws {
    self.store = store
    self.notify = notify
    let thread = EngineThread("pons-writer") { [weak self] in
      // Each turn holds the writer only while it works, so that it can go away.
      while let writer = self, writer.turn() {}
    }
    guard thread.isStarted else {
      throw StageFailure(.resource, code: "NO_THREADS", "no thread can be started")
    }
    self.thread = thread
  }

  func add(_ job: Job) {
    monitor.withLock {
      queue.append(job)
      if isWaiting { monitor.signal() }
    }
  }

  /// Whether nothing waits to be written.
  var isIdle: Bool { monitor.withLock { queue.isEmpty && !isBusy } }

  /// How many jobs wait.
  var backlog: Int { monitor.withLock { queue.count } }

  /// Waits until everything is written, then ends the thread.
  func finish() {
    monitor.withLock {
      isEnding = true
      monitor.broadcast()
    }
    thread?.join()
    thread = nil
    do { try store.calls?.flush() } catch {
      notify(StageFailure(wrapping: error, stage: "store"))
    }
  }

  private func turn() -> Bool {
    monitor.lock()
    isWaiting = true
    while queue.isEmpty, !isEnding { monitor.wait() }
    isWaiting = false
    let batch = queue
    queue = []
    isBusy = !batch.isEmpty
    monitor.unlock()
    if batch.isEmpty { return false }
    var failure: StageFailure?
    var frames: [UInt8] = []
    var waiting: [(PendingEntry, offset: Int, count: Int, parts: [Range<Int>])] = []
    func attempt(_ work: () throws -> Void) {
      do { try work() } catch {
        if failure == nil { failure = StageFailure(wrapping: error, stage: "store") }
      }
    }
    for job in batch {
      switch job {
      case .store(let entry):
        attempt {
          if entry.files == nil,
            entry.packets.reduce(0, { $0 + $1.packet.fileSize }) <= PacketStore.smallResult,
            let (frame, parts) = try self.frame(entry)
          {
            waiting.append((entry, frames.count, frame.count, parts))
            frames += frame
            if frames.count > 1 << 20 { try self.flush(&frames, &waiting) }
          } else {
            try self.writeFolder(entry)
          }
        }
      case .spill(let slot): attempt { try self.spill(slot) }
      case .run(let body):
        attempt { try self.flush(&frames, &waiting) }
        body()
      }
    }
    attempt { try self.flush(&frames, &waiting) }
    attempt { try self.store.calls?.flush() }
    monitor.withLock { isBusy = false }
    notify(failure)
    return true
  }

  // MARK: Small results

  /// The journal frame of a small result, or nil when its record is too long for one.
  private func frame(_ entry: PendingEntry) throws -> ([UInt8], [Range<Int>])? {
    guard let key = entry.journalKey else { return nil }
    var record = entry.record
    var packets: [UInt8] = []
    var parts: [Range<Int>] = []
    for (output, packet, _) in entry.packets {
      let bytes = try packet.fileBytes()
      record.outputs[output].content = .inline(offset: packets.count, count: bytes.count)
      parts.append(packets.count..<packets.count + bytes.count)
      packets += bytes
    }
    let text = record.text
    let start = 4 + text.count
    if start + packets.count > Journal.maximumBody { return nil }
    let frame = try Journal.frame(key: key, record: text, packets: packets)
    return (frame, parts.map { $0.lowerBound + start..<$0.upperBound + start })
  }

  private func flush(
    _ frames: inout [UInt8],
    _ waiting: inout [(PendingEntry, offset: Int, count: Int, parts: [Range<Int>])]
  ) throws {
    if frames.isEmpty { return }
    defer {
      frames.removeAll(keepingCapacity: true)
      waiting.removeAll(keepingCapacity: true)
    }
    let journal =
      try journal
      ?? {
        try JournalWriter(path: "\(store.work)/journals/\(store.runName).journal")
      }()
    self.journal = journal
    let start = try journal.append(frames)
    var found: [(Journal.Key, JournalReference)] = []
    for (entry, offset, count, parts) in waiting {
      var reference = JournalReference(
        journal: journal.journal, offset: start + offset + Journal.headerSize,
        count: count - Journal.headerSize)
      if let key = entry.journalKey { found.append((key, reference)) }
      for (part, packet) in zip(parts, entry.packets) {
        reference.part = part
        _ = packet.slot.setLocation(.journal(reference))
      }
      entry.checkpoints?.remove()
    }
    store.add(found)
  }

  // MARK: Large results

  private func writeFolder(_ entry: PendingEntry) throws {
    let folder = entry.files ?? "\(store.temporary)/\(entry.key)"
    do {
      try FileSystem.makeFolders(folder, mode: 0o700)
      var record = entry.record
      var digests: [String] = []
      for (output, packet, _) in entry.packets {
        let name = "\(output).safetensors"
        let digest = try packet.write(to: "\(folder)/\(name)")
        record.outputs[output].content = .file(name: name, digest: digest)
        digests.append(digest)
      }
      try FileSystem.replace("\(folder)/record", with: record.file())
      let published = try store.publish(folder, key: entry.key)
      entry.checkpoints?.remove()
      for (packet, digest) in zip(entry.packets, digests) {
        let path = "\(published)/\(packet.output).safetensors"
        _ = packet.slot.setLocation(.file(path: path, digest: digest))
      }
    } catch {
      FileSystem.remove(folder)
      for packet in entry.packets { packet.slot.endWriting() }
      throw error
    }
  }

  private func spill(_ slot: PacketSlot) throws {
    guard let packet = slot.packet else { return slot.endWriting() }
    spills += 1
    let path = "\(store.temporary)/spilled-\(spills)"
    do {
      _ = try packet.write(to: path)
    } catch {
      slot.endWriting()
      throw error
    }
    if !slot.setLocation(.spill(path: path)) { unlink(path) }
    _ = slot.evict()
  }
}
