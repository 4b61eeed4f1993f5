internal import CPons
internal import PonsEngine
internal import PonsKit
internal import Synchronization

/// The `pons_host` that every plugin in this process is given: its functions find the call by its number.
enum HostTable {
  /// Constant; lives as long as the process.
  nonisolated(unsafe) static let table: UnsafePointer<pons_host> = {
    var host = pons_host()
    host.size = UInt64(MemoryLayout<pons_host>.size)
    host.abi_minor = UInt32(PONS_ABI_MINOR)
    host.name = text("pons")
    host.version = text("0.1.0")
    host.extension = { _ in nil }
    addReports(to: &host)
    addServices(to: &host)
    addInputs(to: &host)
    addOutputs(to: &host)
    addSources(to: &host)
    let table = UnsafeMutablePointer<pons_host>.allocate(capacity: 1)
    table.initialize(to: host)
    return UnsafePointer(table)
  }()

  private static func text(_ text: StaticString) -> pons_string {
    pons_string(
      data: UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self),
      length: UInt64(text.utf8CodeUnitCount))
  }

  /// Runs `body` with the call behind a number; an expired or foreign number answers CANCELLED.
  private static func within(
    _ context: pons_context, _ body: (BridgeCall) throws -> Void
  ) -> pons_status {
    guard let bridge = Handles.contexts[context] else { return PONS_CANCELLED }
    return bridge.answer { try body(bridge) }
  }

  // MARK: Starting a plugin

  private static let startFailure = Mutex<StageFailure?>(nil)
  private static let starting = Mutex(())

  /// Calls `init`, which has no context: errors are described with the number 0.
  ///
  /// - Throws: `StageFailure`.
  static func start(_ plugin: UnsafePointer<pons_plugin>, name: String) throws {
    try starting.withLock { _ in
      startFailure.withLock { $0 = nil }
      let status = plugin.pointee.`init`(table)
      if status == PONS_OK { return }
      throw startFailure.withLock { $0 }
        ?? StageFailure(
          StageFailure.Category(rawValue: status) ?? .internal, code: "INIT_FAILED",
          "plugin '\(name)' cannot start: init answered \(status)")
    }
  }

  // MARK: The functions

  private static func addReports(to host: inout pons_host) {
    host.fail = { context, error in
      let failure = BridgeReading.failure(error)
      if context == 0 {
        HostTable.startFailure.withLock { if $0 == nil { $0 = failure } }
      } else {
        Handles.contexts[context]?.describe(failure)
      }
    }
    host.log = { context, level, code, text in
      guard let bridge = Handles.contexts[context] else { return }
      bridge.call.log(
        LogLevel(rawValue: level) ?? .warning, code: BridgeReading.lossy(code),
        BridgeReading.lossy(text))
    }
    host.progress = { context, fraction, note in
      guard let bridge = Handles.contexts[context] else { return 1 }
      let fraction = fraction.isNaN ? 0 : min(1, max(0, fraction))
      return bridge.call.progress(fraction, BridgeReading.lossy(note)) ? 1 : 0
    }
    host.cancelled = { context in
      guard let bridge = Handles.contexts[context] else { return 1 }
      return bridge.call.isCancelled ? 1 : 0
    }
  }

  private static func addServices(to host: inout pons_host) {
    host.seed = { Handles.contexts[$0]?.call.seed ?? 0 }
    host.threads = { UInt32(clamping: max(1, Handles.contexts[$0]?.call.threads ?? 1)) }
    host.scratch = { context, path in
      HostTable.within(context) { bridge in
        guard let path else { throw BridgeReading.mistake("scratch() was given no place") }
        path.pointee = try bridge.scratch()
      }
    }
    host.checkpoints = { context, path in
      HostTable.within(context) { bridge in
        guard let path else { throw BridgeReading.mistake("checkpoints() was given no place") }
        path.pointee = bridge.keep(try bridge.call.checkpoints())
      }
    }
    host.write_file = { context, name, count, pieces in
      HostTable.within(context) { bridge in
        try bridge.call.writeFile(
          try BridgeReading.text(name, "the name of a file"),
          try BridgeReading.pieces(count, pieces))
      }
    }
  }

  private static func addInputs(to host: inout pons_host) {
    host.input_count = { context, port, count in
      HostTable.within(context) { bridge in
        guard let count else { throw BridgeReading.mistake("input_count() was given no place") }
        let port = try bridge.inputPort(port)
        count.pointee = UInt64(try bridge.call.inputCount(port))
      }
    }
    host.input = { context, port, index, packet in
      HostTable.within(context) { bridge in
        guard let packet else { throw BridgeReading.mistake("input() was given no place") }
        packet.pointee = 0
        let port = try bridge.inputPort(port)
        let count = try bridge.call.inputCount(port)
        if index >= UInt64(count) {
          throw StageFailure(
            .internal, code: "NO_SUCH_INPUT",
            "packet \(index) was asked for, but port '\(port)' has \(count)", port: port)
        }
        packet.pointee = try bridge.lend(bridge.call.input(port, Int(index)))
      }
    }
    host.absent_count = { context, port, count in
      HostTable.within(context) { bridge in
        guard let count else { throw BridgeReading.mistake("absent_count() was given no place") }
        count.pointee = UInt64(try bridge.call.absent(try bridge.askingPort(port)).count)
      }
    }
    host.absent = { context, port, index, absence in
      HostTable.within(context) { bridge in
        guard let absence, absence.pointee.size >= MemoryLayout<pons_absence>.size else {
          throw BridgeReading.mistake("absent() was given no place, or one without its size")
        }
        let port = try bridge.askingPort(port)
        let absent = try bridge.call.absent(port)
        guard index < UInt64(absent.count) else {
          throw StageFailure(
            .internal, code: "NO_SUCH_INPUT",
            "absent case \(index) was asked for, but port '\(port)' has \(absent.count)", port: port
          )
        }
        bridge.fill(absence, absent[Int(index)])
      }
    }
    host.packet_view = { packet, view in
      guard let view, view.pointee.size >= MemoryLayout<pons_packet_view>.size else {
        return PONS_INTERNAL
      }
      guard let lent = Handles.packets[packet] else { return PONS_CANCELLED }
      lent.fill(view)
      return PONS_OK
    }
    host.packet_retain = { packet in
      guard let lent = Handles.packets[packet] else { return PONS_CANCELLED }
      lent.retain()
      return PONS_OK
    }
    host.packet_release = { packet in
      if Handles.packets[packet]?.release() == true { Handles.packets.remove(packet) }
    }
  }

  private static func addOutputs(to host: inout pons_host) {
    host.wanted = { context, port in
      guard let bridge = Handles.contexts[context], let port = try? bridge.outputPort(port) else {
        return 0
      }
      return bridge.call.wanted(port) ? 1 : 0
    }
    host.begin = { context, output, builder in
      HostTable.within(context) { bridge in
        guard let builder else { throw BridgeReading.mistake("begin() was given no place") }
        builder.pointee = 0
        let output = try BridgeReading.output(output)
        try bridge.checkOutput(output.port)
        let fresh = try bridge.call.begin(
          output.port, caseKey: output.caseKey, output.tensors)
        builder.pointee = try bridge.lend(fresh)
      }
    }
    host.builder_tensor = { builder, name, tensor in
      guard let lent = Handles.builders[builder] else { return PONS_CANCELLED }
      return lent.owner.answer {
        guard let tensor else { throw BridgeReading.mistake("builder_tensor() was given no place") }
        tensor.pointee = try lent.tensor(try BridgeReading.text(name, "a tensor's name"))
      }
    }
    host.seal = { builder, metadata, sidecar, count, shapes in
      guard let lent = Handles.builders.remove(builder) else { return PONS_CANCELLED }
      return lent.owner.answer {
        do {
          try lent.owner.call.seal(
            lent.builder, metadata: try BridgeReading.object(metadata, "the metadata"),
            sidecar: try BridgeReading.object(sidecar, "the sidecar"),
            shapes: try BridgeReading.shapes(count, shapes))
        } catch {
          lent.owner.call.discard(lent.builder)
          throw error
        }
      }
    }
    host.discard = { builder in
      if let lent = Handles.builders.remove(builder) { lent.owner.call.discard(lent.builder) }
    }
    host.forward = { context, port, key, packet in
      HostTable.within(context) { bridge in
        guard let lent = Handles.packets[packet] else {
          throw BridgeReading.mistake("forward() was given a packet that has expired")
        }
        let key = try BridgeReading.text(key, "the case key")
        try bridge.call.forward(
          lent.packet, to: try bridge.outputPort(port), caseKey: key.isEmpty ? nil : key)
      }
    }
    host.verdict = { context, verdict in
      HostTable.within(context) { bridge in
        let given = try BridgeReading.record(verdict, "pons_verdict")
        guard let decision = Verdict.Decision(rawValue: given.decision) else {
          throw BridgeReading.mistake("the verdict has the unknown decision \(given.decision)")
        }
        let key = try BridgeReading.text(given.case_key, "the case key")
        try bridge.call.verdict(
          Verdict(
            caseKey: key.isEmpty ? nil : key, decision,
            score: given.score.isNaN ? nil : given.score,
            rank: given.rank > 0 ? Int(given.rank) : nil,
            reason: try BridgeReading.text(given.reason, "the reason")))
      }
    }
  }

  private static func addSources(to host: inout pons_host) {
    host.add_case = { context, found in
      HostTable.within(context) { bridge in
        let given = try BridgeReading.record(
          found, "pons_case", minimum: Int(PONS_CASE_SIZE_1))
        let count = try BridgeReading.count(given.file_count, limit: 1 << 24, "files of a case")
        if count > 0, given.files == nil { throw BridgeReading.mistake("files is NULL") }
        let files = try (0..<count).map { try BridgeReading.text(given.files[$0], "a path") }
        try bridge.call.addCase(
          SourceCase(
            name: try BridgeReading.text(given.name, "the case's name"),
            isPublic: given.flags & UInt64(PONS_CASE_PUBLIC_NAME) != 0, files: files,
            fingerprint: try BridgeReading.text(given.fingerprint, "the fingerprint"),
            about: try BridgeReading.object(given.about, "what the case is").object ?? [:]))
      }
    }
    host.case_key = { context, name, flags, key in
      HostTable.within(context) { bridge in
        guard let key else { throw BridgeReading.mistake("case_key() was given no place") }
        if flags & ~UInt64(PONS_CASE_PUBLIC_NAME) != 0 {
          throw BridgeReading.mistake("case_key() was given unknown flags \(flags)")
        }
        key.pointee = bridge.keep(
          try bridge.call.caseKey(
            of: try BridgeReading.text(name, "the case's name"),
            isPublic: flags & UInt64(PONS_CASE_PUBLIC_NAME) != 0))
      }
    }
    host.skipped = { context, code, text, count in
      HostTable.within(context) { bridge in
        try bridge.call.skipped(
          code: try BridgeReading.text(code, "the code"), BridgeReading.lossy(text),
          count: Int(clamping: count))
      }
    }
  }
}

extension BridgeCall {
  /// The name of an input port that the stage declares.
  fileprivate func inputPort(_ name: pons_string) throws -> String {
    let name = try BridgeReading.text(name, "the port")
    if stage.input(name) == nil {
      throw StageFailure(
        .internal, code: "UNKNOWN_PORT", "there is no input port '\(name)'", port: name)
    }
    return name
  }

  /// The name of an input port that the stage declares to ask for absent cases.
  fileprivate func askingPort(_ name: pons_string) throws -> String {
    let name = try inputPort(name)
    if stage.input(name)?.asksForAbsent != true {
      throw StageFailure(
        .internal, code: "NOT_ASKING",
        "port '\(name)' does not say that the stage asks for absent cases (PONS_PORT_ABSENT)",
        port: name)
    }
    return name
  }

  /// Tells about an absent case.
  fileprivate func fill(_ target: UnsafeMutablePointer<pons_absence>, _ absence: Absence) {
    target.pointee.case_key = keep(absence.caseKey)
    target.pointee.fate = absence.fate.rawValue
    target.pointee.reserved = 0
    target.pointee.stage = keep(absence.stage)
    target.pointee.code = keep(absence.code)
    target.pointee.reason = keep(absence.reason)
    target.pointee.score = absence.score ?? .nan
    target.pointee.rank = Int64(absence.rank ?? 0)
  }

  /// The name of an output port that the stage declares.
  fileprivate func outputPort(_ name: pons_string) throws -> String {
    let name = try BridgeReading.text(name, "the port")
    try checkOutput(name)
    return name
  }

  fileprivate func checkOutput(_ name: String) throws {
    if stage.output(name) == nil {
      throw StageFailure(
        .internal, code: "UNKNOWN_PORT", "there is no output port '\(name)'", port: name)
    }
  }
}
