internal import Glibc
internal import PonsEngine
internal import PonsKit
internal import Synchronization

/// The worker's side of the socket: asks the host, on any thread, one question at a time.
final class WorkerLink: @unchecked Sendable {
  // @unchecked: the channel is used under the lock, and by the serving thread while no call runs.
  private let channel: WorkerChannel
  private let asking = Mutex(())
  /// Packets that are not needed any more; the host is told with the next message.
  private let released = Mutex<[Int]>([])
  /// Maps of memory that comes again and again, by its number.
  private let blocks = Mutex<[Int: Buffer]>([:])

  init(socket: Int32) { channel = WorkerChannel(socket: socket, takesDescriptors: true) }

  /// The next order of the host, or nil when it is gone.
  func order() throws -> JSON? {
    guard let message = try channel.receive(waiting: {}) else { return nil }
    for number in message.body["forget"]?.array ?? [] {
      if let number = number.integer { blocks.withLock { $0[Int(number)] = nil } }
    }
    return message.body
  }

  /// Sends a message that nobody answers.
  func tell(_ body: [String: JSON], tail: [UInt8] = []) throws {
    try asking.withLock { _ in try send(body, tail) }
  }

  /// Asks the host.
  ///
  /// - Parameter read: looks at the answer while nobody else can ask, and takes the descriptor that comes with it.
  /// - Throws: `StageFailure` as the host answers it.
  func ask<Answer>(
    _ body: [String: JSON], tail: [UInt8] = [], read: (JSON, [UInt8]) throws -> Answer
  ) throws -> Answer {
    try asking.withLock { _ in
      try send(body, tail)
      // Without the host there is nobody to work for.
      guard let message = try channel.receive(waiting: {}) else { _exit(0) }
      if let failure = message.body["error"] { throw try StageFailure(wire: failure) }
      return try read(message.body["ok"] ?? .null, message.tail)
    }
  }

  private func send(_ body: [String: JSON], _ tail: [UInt8]) throws {
    var body = body
    let gone = released.withLock { released in
      defer { released = [] }
      return released
    }
    if !gone.isEmpty { body["released"] = .array(gone.map { .integer(Int64($0)) }) }
    try tail.withUnsafeBytes { bytes in
      try channel.send(.object(body), tail: bytes, waiting: {})
    }
  }

  // MARK: Packets

  /// Where tensors without elements are; never read.
  private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(
    byteCount: 64, alignment: 64)

  /// The packet in an answer. The host is told when the last reference to it is gone.
  func packet(_ answer: JSON, _ tail: [UInt8]) throws -> Packet {
    let reader = WorkerChannel.Reader(answer)
    let number = try reader.integer("packet")
    let memory = try self.memory(reader, tail)
    let base = memory?.base ?? Self.nothing
    let start = try memory == nil || reader.flag("inline") ? 0 : reader.integer("start")
    let buffer = Buffer.borrowing(base + start, size: (memory?.size ?? start) - start) {
      // Keeps the map until the packet is gone.
      withExtendedLifetime(memory) { self.released.withLock { $0.append(number) } }
    }
    let tensors = try reader.list("tensors").map { tensor in
      let request = try TensorRequest(wire: tensor)
      let offset = try WorkerChannel.Reader(tensor).integer("offset")
      return PacketTensor(
        name: request.name, type: request.type, shape: request.shape,
        data: memory == nil
          ? UnsafeRawPointer(Self.nothing) : UnsafeRawPointer(buffer.base + offset),
        offset: offset)
    }
    return Packet(
      kind: try reader.text("kind"), caseKey: try reader.optionalText("case"), tensors: tensors,
      metadata: try reader.text("metadata"), sidecar: try reader.text("sidecar"),
      identity: "\(number)", buffer: buffer)
  }

  private func memory(_ reader: WorkerChannel.Reader, _ tail: [UInt8]) throws -> Buffer? {
    if try reader.flag("inline") {
      let buffer = try BufferPool(keeping: 0).buffer(size: tail.count)
      buffer.base.copyMemory(from: tail, byteCount: tail.count)
      return buffer
    }
    let block = reader.json["block"]?.integer.map(Int.init)
    if try reader.flag("descriptor") {
      let descriptor = try channel.takeDescriptor()
      defer { close(descriptor) }
      let buffer = try Buffer.mapping(
        descriptor: descriptor, size: try reader.integer("size"), isWritable: false)
      if let block { blocks.withLock { $0[block] = buffer } }
      return buffer
    }
    guard let block else { return nil }
    guard let known = blocks.withLock({ $0[block] }) else { throw reader.mistake("block") }
    return known
  }

  /// The memory of an output, as an answer to `begin` describes it.
  func outputMemory(_ answer: JSON) throws -> (number: Int, buffer: Buffer?, isInline: Bool) {
    let reader = WorkerChannel.Reader(answer)
    let number = try reader.integer("builder")
    let size = try reader.integer("size")
    if try reader.flag("inline") {
      return (number, size == 0 ? nil : try BufferPool(keeping: 0).buffer(size: size), true)
    }
    let descriptor = try channel.takeDescriptor()
    defer { close(descriptor) }
    return (
      number, try Buffer.mapping(descriptor: descriptor, size: size, isWritable: true), false
    )
  }
}
