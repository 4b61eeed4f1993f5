internal import Glibc
internal import PonsEngine
internal import PonsKit

/// One call of a stage in a worker, seen from the host: does for the worker what a ``StageCall`` does for a plugin in this
/// process. What the worker asks is checked here where the call itself does not check it.
final class IsolatedCall {
  enum Outcome {
    case nothing
    case answer(IsolatedWorker.Reply)
    case returned(StageFailure?)
  }

  /// An output that the worker fills.
  private struct Filling {
    let builder: PacketBuilder
    let size: Int
    /// Where the worker writes when the builder's own memory cannot be mapped; nil when it writes there, or sends bytes.
    let detour: Buffer?
    let isInline: Bool

    var shared: Buffer? { detour ?? (isInline ? nil : builder.buffer) }
  }

  private let call: any StageCall
  private let worker: IsolatedWorker
  private let stage: StageDescriptor
  private let limits: WorkerLimits
  private let isCreating: Bool
  private var builders: [Int: Filling] = [:]
  private var lastBuilder = 0
  /// The worker's scratch folder, when it has asked for it.
  private var scratch: String?
  private var checkpoints: LentCheckpoints?

  init(
    _ call: any StageCall, worker: IsolatedWorker, stage: StageDescriptor, limits: WorkerLimits,
    isCreating: Bool
  ) {
    self.call = call
    self.worker = worker
    self.stage = stage
    self.limits = limits
    self.isCreating = isCreating
  }

  /// The call is over: what is not sealed is thrown away.
  func end() {
    for filling in builders.values { call.discard(filling.builder) }
    builders = [:]
    worker.bytesBeingFilled = 0
    checkpoints?.takeBack()
  }

  /// Does what a message asks.
  ///
  /// - Throws: `WorkerChannel.Garbage` when it is none that the protocol knows.
  func serve(_ message: WorkerChannel.Message) throws -> Outcome {
    let reader = WorkerChannel.Reader(message.body)
    switch try reader.text("do") {
    case "return":
      return .returned(try message.body["error"].map { try StageFailure(wire: $0) })
    case "log":
      let level = LogLevel(rawValue: UInt32(try reader.integer("level", 0...3))) ?? .warning
      call.log(level, code: try reader.text("code"), try reader.text("text"))
      return .nothing
    case "nothing": return .nothing
    case let name:
      let reply: IsolatedWorker.Reply
      do {
        reply = try answer(name, reader, message)
      } catch let failure as StageFailure {
        reply = IsolatedWorker.Reply(body: ["error": failure.wire])
      }
      return .answer(reply)
    }
  }

  private func answer(
    _ name: String, _ reader: WorkerChannel.Reader, _ message: WorkerChannel.Message
  ) throws -> IsolatedWorker.Reply {
    switch name {
    case "progress":
      let fraction = try reader.optionalNumber("fraction") ?? 0
      let ends = call.progress(min(1, max(0, fraction)), try reader.optionalText("note") ?? "")
      return ok(["cancel": .bool(ends)])
    case "cancelled": return ok(["cancel": .bool(call.isCancelled)])
    case "case_key":
      let key = try call.caseKey(
        of: try reader.text("name"), isPublic: try reader.flag("public"))
      return ok(["case": .string(key)])
    case "scratch": return ok(["path": .string(try workerScratch())])
    default: break
    }
    if isCreating { throw WorkerChannel.Garbage(reason: "'\(name.prefix(40))' while it was made") }
    switch name {
    case "input":
      let port = try inputPort(reader)
      let index = try reader.integer("index")
      if index >= (try call.inputCount(port.name)) {
        throw StageFailure(
          .internal, code: "NO_SUCH_INPUT", "port '\(port.name)' has no packet \(index)",
          port: port.name)
      }
      return try worker.lend(call.input(port.name, index))
    case "checkpoints": return ok(["path": .string(try workerCheckpoints())])
    case "absent":
      let port = try inputPort(reader)
      return ok(["absent": .array(try call.absent(port.name).map(\.wire))])
    case "begin": return try begin(reader)
    case "seal":
      try seal(reader, message.tail)
      return ok([:])
    case "discard":
      call.discard(try takeBuilder(reader).builder)
      return ok([:])
    case "forward":
      guard let lent = worker.lent[try reader.integer("packet")] else {
        throw WorkerChannel.Garbage(reason: "a packet is forwarded that it does not have")
      }
      try call.forward(
        lent.packet, to: try outputPort(reader), caseKey: try reader.optionalText("case"))
      return ok([:])
    case "verdict":
      try call.verdict(Verdict(wire: reader.json))
      return ok([:])
    case "add_case":
      try call.addCase(SourceCase(wire: reader.json))
      return ok([:])
    case "skipped":
      try call.skipped(
        code: try reader.text("code"), try reader.text("text"), count: try reader.integer("count"))
      return ok([:])
    default: throw WorkerChannel.Garbage(reason: "it asked for '\(name.prefix(40))'")
    }
  }

  private func ok(_ members: [String: JSON]) -> IsolatedWorker.Reply {
    IsolatedWorker.Reply(body: ["ok": .object(members)])
  }

  private func inputPort(_ reader: WorkerChannel.Reader) throws -> PortDescriptor {
    let name = try reader.text("port")
    guard let port = stage.input(name) else {
      throw StageFailure(
        .internal, code: "UNKNOWN_PORT", "there is no input port '\(name)'", port: name)
    }
    return port
  }

  private func outputPort(_ reader: WorkerChannel.Reader) throws -> String {
    let name = try reader.text("port")
    if stage.output(name) == nil {
      throw StageFailure(
        .internal, code: "UNKNOWN_PORT", "there is no output port '\(name)'", port: name)
    }
    return name
  }

  // MARK: Outputs

  /// More outputs at a time are a leak of the plugin's.
  private static let maximumBuilders = 1024

  private func begin(_ reader: WorkerChannel.Reader) throws -> IsolatedWorker.Reply {
    let port = try outputPort(reader)
    let requests = try reader.list("tensors").map { try TensorRequest(wire: $0) }
    if builders.count >= Self.maximumBuilders {
      throw StageFailure(
        .resource, code: "TOO_MANY_HANDLES", "\(builders.count) packets are being filled at once",
        port: port)
    }
    let builder = try call.begin(port, caseKey: try reader.optionalText("case"), requests)
    let size: Int
    let filling: Filling
    do {
      size = try PacketBuilder.layout(requests, port: port).size
      filling = try place(builder, size: size)
    } catch {
      call.discard(builder)
      throw error
    }
    lastBuilder += 1
    builders[lastBuilder] = filling
    var reply = ok([
      "builder": .integer(Int64(lastBuilder)), "inline": .bool(filling.isInline),
      "size": .integer(Int64(filling.shared?.shared?.size ?? size)),
      "offsets": .array(builder.slots.map { .integer(Int64($0.offset)) }),
      "descriptor": .bool(!filling.isInline),
    ])
    if let shared = filling.shared?.shared {
      reply.descriptor = fcntl(shared.descriptor, F_DUPFD_CLOEXEC, 3)
      if reply.descriptor < 0 {
        call.discard(try takeBuilder(number: lastBuilder).builder)
        throw StageFailure(
          .resource, code: "TOO_MANY_FILES", "no memory can be shared with a worker",
          hint: "raise the limit of open files (ulimit -n) and run again", port: port)
      }
      worker.bytesBeingFilled += shared.size
      if let buffer = filling.shared { worker.willFill(buffer, limits: limits) }
    }
    return reply
  }

  private func place(_ builder: PacketBuilder, size: Int) throws -> Filling {
    if size < BufferPool.smallest || builder.buffer == nil {
      return Filling(builder: builder, size: size, detour: nil, isInline: true)
    }
    if builder.buffer?.sharing == .filled {
      return Filling(builder: builder, size: size, detour: nil, isInline: false)
    }
    let detour = try BufferPool(keeping: 0).buffer(size: size, sharing: .filled)
    if detour.shared == nil {
      throw StageFailure(
        .resource, code: "OUT_OF_MEMORY", "no memory of \(size) bytes can be shared with a worker",
        port: builder.port)
    }
    return Filling(builder: builder, size: size, detour: detour, isInline: false)
  }

  private func takeBuilder(_ reader: WorkerChannel.Reader) throws -> Filling {
    try takeBuilder(number: try reader.integer("builder"))
  }

  private func takeBuilder(number: Int) throws -> Filling {
    guard let filling = builders.removeValue(forKey: number) else {
      throw WorkerChannel.Garbage(reason: "an output is named that is not being filled")
    }
    worker.bytesBeingFilled -= filling.shared?.shared?.size ?? 0
    return filling
  }

  private func seal(_ reader: WorkerChannel.Reader, _ tail: [UInt8]) throws {
    let filling = try takeBuilder(reader)
    let builder = filling.builder
    do {
      try take(filling, tail)
      var shapes: [String: [Int]] = [:]
      for shape in try reader.list("shapes") {
        let shape = WorkerChannel.Reader(shape)
        shapes[try shape.text("name")] = try shape.shape("shape")
      }
      let metadata = try reader.object("metadata")
      if stage.output(builder.port)?.kind == "files" { try moveFiles(metadata) }
      try call.seal(
        builder, metadata: metadata, sidecar: try reader.object("sidecar"), shapes: shapes)
    } catch {
      call.discard(builder)
      throw error
    }
  }

  /// Makes what the worker has written the content of the builder, out of its reach.
  private func take(_ filling: Filling, _ tail: [UInt8]) throws {
    let builder = filling.builder
    if filling.isInline {
      if tail.count != filling.size {
        throw WorkerChannel.Garbage(
          reason: "\(tail.count) bytes came for an output of \(filling.size)")
      }
      builder.buffer?.base.copyMemory(
        from: Array(tail), byteCount: min(tail.count, builder.buffer?.size ?? 0))
      return
    }
    if let detour = filling.detour {
      builder.buffer?.base.copyMemory(from: detour.base, byteCount: filling.size)
      IsolatedWorker.copiedBytes.add(filling.size)
    } else if let buffer = builder.buffer, !buffer.sealWrites() {
      // Somebody in the worker still has it mapped for writing, and nobody can take that away.
      builder.replaceBuffer(by: try buffer.privateCopy())
      IsolatedWorker.copiedBytes.add(filling.size)
      call.log(
        .notice, code: "OUTPUT_KEPT",
        "the stage kept an output mapped after it had sent it, which costs a copy")
    }
  }

  // MARK: Files

  /// A folder of this call in the worker's folder, the only place it can write to.
  private func workerScratch() throws -> String {
    let path = worker.process.folder + "/scratch"
    if scratch == nil {
      HostFile.removeTree(path)
      if mkdir(path, 0o700) != 0 {
        throw StageFailure(.resource, code: "NO_SCRATCH", "no scratch folder can be made")
      }
      scratch = path
    }
    return path
  }

  private func workerCheckpoints() throws -> String {
    if let checkpoints { return checkpoints.path }
    let lent = try LentCheckpoints(of: call.checkpoints(), in: worker.process.folder)
    checkpoints = lent
    return lent.path
  }

  /// Moves the files that are sent to the call's own scratch folder, where it takes them.
  private func moveFiles(_ metadata: JSON) throws {
    let target = try call.scratch()
    // The worker may have put a link in the place of its folder.
    let folder = open(try workerScratch(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if folder < 0 { return }
    defer { close(folder) }
    for file in metadata["files"]?.array ?? [] {
      guard let name = file["name"]?.string, !name.isEmpty, !name.hasPrefix("."),
        !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 })
      else { continue }
      // The call refuses what is not there, or is no file.
      renameat(folder, name, AT_FDCWD, "\(target)/\(name)")
    }
  }
}
