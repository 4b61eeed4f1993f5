internal import Glibc
internal import PonsEngine
internal import PonsKit

/// Which program a worker runs.
struct WorkerLaunch: Sendable, Hashable {
  /// Path of `pons-worker`, which takes its rights away before anything foreign runs.
  var worker: String
  /// What it becomes then.
  var plugin: PluginProgram
  /// Folder for the folders of workers.
  var folder: String
  /// The only digests that it may load beside what this site allows, as ``PluginTrust/forWorkers`` has them.
  var permitted: String?

  func arguments(scratch: String, group: String?) -> [String] {
    var order: [String: JSON] = [
      "parent": .integer(Int64(getpid())), "scratch": .string(scratch),
      "plugin": .string(plugin.file), "command": .array(plugin.command.map(JSON.string)),
    ]
    order["permitted"] = permitted.map(JSON.string)
    order["group"] = group.map(JSON.string)
    return ["serve", JSON.object(order).canonical]
  }
}

/// What is run of a plugin: a library in `pons-worker`, or a program of its own.
struct PluginProgram: Sendable, Hashable {
  /// The library, or the file that describes the program.
  var file: String
  /// The program with its arguments; empty for a library.
  var command: [String] = []
}

/// The host's side of one worker with one instance of a stage: makes its calls, one at a time. Whoever gets a ``WorkerFault``
/// lets go of it.
final class IsolatedWorker: @unchecked Sendable {
  // @unchecked: one call at a time has it; it is handed over under a lock.
  let process: WorkerProcess
  /// What the plugin said about itself when it was ready.
  let descriptor: PluginDescriptor
  let libraries: [LibraryInUse]
  /// Whether it remembers maps of blocks that come again and again.
  private let keepsBlocks: Bool

  /// What a worker that has just started may take to describe itself.
  static let secondsToBeReady = 20.0

  /// Packets that the worker has not let go of, and copies made for it.
  var lent: [Int: (packet: Packet, copy: Buffer?)] = [:]
  private var lastPacket = 0
  /// Blocks that the worker has mapped, with their sizes and pools.
  private var blocks: [Int: (size: Int, isPresent: () -> Bool)] = [:]
  /// Bytes of outputs that it is filling.
  var bytesBeingFilled = 0
  /// Outputs that it has written and that somebody still has: they count as its memory, wherever they are used.
  private var written: [(size: Int, buffer: Weak)] = []
  private var mostWritten = 0

  private struct Weak { weak var buffer: Buffer? }

  /// Starts it and waits until it is ready.
  ///
  /// - Throws: `StageFailure`, ``WorkerFault``.
  init(_ launch: WorkerLaunch, call: any StageCall) throws {
    let starting = try WorkerStart(launch)
    (process, descriptor, libraries, keepsBlocks) = try starting.ready(call: call)
  }

  /// Takes over one that was started before.
  init(_ starting: WorkerStart, call: any StageCall) throws {
    (process, descriptor, libraries, keepsBlocks) = try starting.ready(call: call)
  }

  /// Memory that both sides have.
  var sharedBytes: Int {
    blocks.values.reduce(bytesBeingFilled) { $0 + $1.size }
      + lent.values.reduce(0) { $0 + ($1.packet.buffer?.size ?? 0) }
  }

  /// Lets it write an output.
  func willFill(_ buffer: Buffer, limits: WorkerLimits) {
    guard process.group != nil, let size = buffer.shared?.size else { return }
    written.removeAll { $0.buffer.buffer == nil }
    written.append((size, Weak(buffer: buffer)))
    mostWritten = max(mostWritten, written.reduce(0) { $0 + $1.size })
    limitGroup(limits)
  }

  /// Outputs that were let go of take a moment to leave memory, hence twice as much; ``WorkerWatch`` is more exact.
  private func limitGroup(_ limits: WorkerLimits) {
    process.group?.allow(limits.memory + 2 * mostWritten)
  }

  /// Makes one call.
  ///
  /// - Parameter isCreating: the stage gets no inputs and sends no outputs.
  /// - Throws: `StageFailure` as the stage or the host describe it; ``WorkerFault``.
  func perform(
    _ order: [String: JSON], _ call: any StageCall, stage: StageDescriptor, limits: WorkerLimits,
    isCreating: Bool = false
  ) throws {
    limitGroup(limits)
    var watch = WorkerWatch(process, limits, call)
    let serving = IsolatedCall(
      call, worker: self, stage: stage, limits: limits, isCreating: isCreating)
    defer { serving.end() }
    do {
      var order = order
      let forgotten = blocks.filter { !$0.value.isPresent() }.keys
      for number in forgotten { blocks[number] = nil }
      if !forgotten.isEmpty {
        order["forget"] = .array(forgotten.sorted().map { .integer(Int64($0)) })
      }
      try send(.object(order), &watch)
      while true {
        let message = try process.channel.receive { try watch.look(sharedBytes: sharedBytes) }
        guard let message else {
          throw process.endFault(memory: limits.memory)
        }
        try watch.look(sharedBytes: sharedBytes, isHurried: true)
        for number in try WorkerChannel.Reader(message.body).list("released") {
          lent[Int(number.integer ?? -1)] = nil
        }
        switch try serving.serve(message) {
        case .nothing: break
        case .answer(let reply):
          try send(reply.body, tail: reply.tail, descriptor: reply.descriptor, &watch)
        case .returned(let failure):
          if let failure { throw failure }
          return
        }
      }
    } catch let garbage as WorkerChannel.Garbage {
      // Whoever crashed while it was spoken to did not mean to write garbage.
      if garbage.reason == WorkerChannel.goneReason {
        throw process.endFault(memory: limits.memory)
      }
      throw WorkerFault(
        code: WorkerFault.protocolBroken, "it broke the protocol: \(garbage.reason)",
        hint: "the plugin, or what it speaks the protocol with, has a bug")
    }
  }

  private func send(
    _ body: JSON, tail: [UInt8] = [], descriptor: Int32 = -1, _ watch: inout WorkerWatch
  ) throws {
    defer { if descriptor >= 0 { close(descriptor) } }
    try tail.withUnsafeBytes { bytes in
      try process.channel.send(body, tail: bytes, descriptor: descriptor) {
        try watch.look(sharedBytes: sharedBytes)
      }
    }
  }

  // MARK: Lending packets

  /// What a message to the worker consists of; the descriptor is closed when it has been sent.
  struct Reply {
    var body: JSON
    var tail: [UInt8] = []
    var descriptor: Int32 = -1
  }

  /// Bytes of packets that had to be copied because they lie in memory that no other process can map.
  static let copiedBytes = CopyCount()

  /// Lends a packet until the worker lets go of it.
  func lend(_ packet: Packet) throws -> Reply {
    lastPacket += 1
    let start = packet.dataStart
    let count = packet.tensors.map { $0.offset + $0.byteCount }.max() ?? 0
    var body: [String: JSON] = [
      "packet": .integer(Int64(lastPacket)), "kind": .string(packet.kind),
      "case": packet.caseKey.map(JSON.string) ?? .null, "metadata": .string(packet.metadata),
      "sidecar": .string(packet.sidecar), "identity": .string(packet.identity),
      "tensors": .array(
        packet.tensors.map { tensor in
          var wire = TensorRequest(tensor.name, tensor.type, tensor.shape).wire.object ?? [:]
          wire["offset"] = .integer(Int64(tensor.offset))
          return .object(wire)
        }),
    ]
    var reply = Reply(body: .null)
    var copy: Buffer?
    if let buffer = packet.buffer, count > 0 {
      if count < BufferPool.smallest {
        reply.tail = Array(UnsafeRawBufferPointer(start: buffer.base + start, count: count))
        body["inline"] = true
      } else {
        var source = buffer
        var begin = start
        if let descriptor = source.readableDescriptor() {
          reply.descriptor = descriptor
        } else {
          source = try BufferPool(keeping: 0).buffer(size: count, sharing: .lent)
          source.base.copyMemory(from: buffer.base + start, byteCount: count)
          Self.copiedBytes.add(count)
          (copy, begin) = (source, 0)
          guard let descriptor = source.readableDescriptor() else {
            throw StageFailure(
              .resource, code: "TOO_MANY_FILES", "no memory can be shared with a worker",
              hint: "raise the limit of open files (ulimit -n) and run again")
          }
          reply.descriptor = descriptor
        }
        body["start"] = .integer(Int64(begin))
        body["size"] = .integer(Int64(source.shared?.size ?? source.size))
        if keepsBlocks, let presence = source.presence, let shared = source.shared {
          body["block"] = .integer(Int64(shared.number))
          if blocks[shared.number] != nil {
            close(reply.descriptor)
            reply.descriptor = -1
          } else {
            blocks[shared.number] = (shared.size, presence)
          }
        }
      }
    }
    body["descriptor"] = .bool(reply.descriptor >= 0)
    lent[lastPacket] = (packet, copy)
    reply.body = ["ok": .object(body)]
    return reply
  }
}
