internal import CPons

/// One call of a stage: its inputs, its outputs, and the services of the host.
///
/// It may be used on any thread until the call returns; afterwards every function throws ``HostRefusal`` of category
/// `cancelled`, or does nothing.
public struct Context: @unchecked Sendable {
  // @unchecked: the host's table is constant, and its functions are legal on every thread.
  let host: UnsafePointer<pons_host>
  let handle: pons_context

  init(host: UnsafePointer<pons_host>, handle: pons_context) {
    self.host = host
    self.handle = handle
  }

  // MARK: What happens

  /// Writes a log record. No patient data, no absolute paths.
  ///
  /// - Parameters:
  ///   - level: severity.
  ///   - code: stable, for machines: `NO_RESCALE`.
  ///   - text: for people.
  public func log(_ level: LogLevel, code: String = "", _ text: String) {
    code.withPonsString { code in
      text.withPonsString { host.pointee.log(handle, level.rawValue, code, $0) }
    }
  }

  /// Tells how far the call is, from 0 to 1. Cheap: call it as often as you like.
  ///
  /// - Throws: ``StageFailure`` of category `cancelled` when the call shall end.
  public func progress(_ fraction: Double, _ note: String = "") throws {
    if reportProgress(fraction, note) { throw Self.cancelled }
  }

  /// Tells how far the call is, from 0 to 1; true when the call shall end soon.
  public func reportProgress(_ fraction: Double, _ note: String = "") -> Bool {
    note.withPonsString { host.pointee.progress(handle, fraction, $0) } != 0
  }

  /// Whether the call shall end soon. A long call asks at least ten times a second.
  public var isCancelled: Bool { host.pointee.cancelled(handle) != 0 }

  /// Ends the call when the host wants that.
  ///
  /// - Throws: ``StageFailure`` of category `cancelled`.
  public func checkCancelled() throws { if isCancelled { throw Self.cancelled } }

  private static let cancelled = StageFailure(.cancelled, "the call was cancelled")

  // MARK: What a call may use

  /// Seed of all randomness in this call: made from the run's seed, the stage and the case.
  public var seed: UInt64 { host.pointee.seed(handle) }

  /// How many threads this call may keep busy, at least 1.
  public var threads: Int { max(1, Int(host.pointee.threads(handle))) }

  /// Path of an empty folder for this call alone, gone when it returns.
  public var scratch: String {
    get throws {
      var path = pons_string()
      try HostRefusal.check(host.pointee.scratch(handle, &path))
      return String(path)
    }
  }

  /// Path of a folder for checkpoints, or nil when the host keeps none.
  ///
  /// When the call does not come to its end, the next one with the same inputs and parameters finds the files that are in it; when it
  /// ends well, they are gone. Write each file under another name first and rename it, and check what you find. The result must
  /// not depend on whether the work was interrupted.
  public var checkpoints: String? {
    get throws {
      guard hasCheckpoints else { return nil }
      var path = pons_string()
      try HostRefusal.check(host.pointee.checkpoints(handle, &path))
      return String(path)
    }
  }

  /// Hosts before 1.4 keep none.
  private var hasCheckpoints: Bool {
    let offset = MemoryLayout<pons_host>.offset(of: \.checkpoints) ?? .max
    return host.pointee.size >= UInt64(offset + MemoryLayout<UInt>.size)
  }

  /// Writes a file that was not there before into ``scratch``. For files that are sent and that are in memory: the host computes
  /// their digest while it writes.
  ///
  /// - Parameters:
  ///   - name: without folders.
  ///   - pieces: the content, one behind the other.
  public func writeFile(_ name: String, _ pieces: [UnsafeRawBufferPointer]) throws {
    let pieces = pieces.map { pons_bytes(data: $0.baseAddress, size: UInt64($0.count)) }
    try HostRefusal.check(
      name.withPonsString {
        host.pointee.write_file(handle, $0, UInt64(pieces.count), pieces)
      })
  }
}

extension Context {
  // MARK: Cases

  /// The key of the case that a source calls by a name, whether or not there is one; also while an instance is made.
  ///
  /// - Parameter isPublic: the source says that its names are no patient data, so that they are the keys.
  public func caseKey(of name: String, isPublic: Bool) throws -> String {
    var key = pons_string()
    try HostRefusal.check(
      name.withPonsString {
        host.pointee.case_key(handle, $0, isPublic ? UInt64(PONS_CASE_PUBLIC_NAME) : 0, &key)
      })
    return String(key)
  }
}

extension Context {
  // MARK: Inputs

  /// The packet of an EACH or ONCE port that must be connected.
  public func input<Kind>(_ port: Input<Kind>) throws -> InputPacket<Kind> {
    try packet(port: port.name, index: 0)
  }

  /// The packet of an optional port, or nil when it is not connected.
  public func optionalInput<Kind>(_ port: Input<Kind>) throws -> InputPacket<Kind>? {
    try inputs(port).count == 0 ? nil : input(port)
  }

  /// All packets of an ALL port.
  public func inputs<Kind>(_ port: Input<Kind>) throws -> AllInputs<Kind> {
    var count: UInt64 = 0
    try HostRefusal.check(
      port.name.withPonsString { host.pointee.input_count(handle, $0, &count) })
    return AllInputs(count: Int(clamping: count), port: port.name, context: self)
  }

  func absent(port: String) throws -> [Absence] {
    try port.withPonsString { port in
      var count: UInt64 = 0
      try HostRefusal.check(host.pointee.absent_count(handle, port, &count))
      return try (0..<count).map { index in
        var absence = pons_absence()
        absence.size = UInt64(MemoryLayout<pons_absence>.size)
        try HostRefusal.check(host.pointee.absent(handle, port, index, &absence))
        return Absence(
          caseKey: String(absence.case_key),
          Absence.Fate(rawValue: absence.fate) ?? .quarantined, stage: String(absence.stage),
          code: String(absence.code), reason: String(absence.reason),
          score: absence.score.isNaN ? nil : absence.score,
          rank: absence.rank > 0 ? Int(absence.rank) : nil)
      }
    }
  }

  func packet<Kind>(port: String, index: Int) throws -> InputPacket<Kind> {
    precondition(index >= 0, "an index of a packet is not negative")
    var packet: pons_packet = 0
    try HostRefusal.check(
      port.withPonsString { host.pointee.input(handle, $0, UInt64(index), &packet) })
    return InputPacket(handle: try PacketHandle(host: host, packet: packet))
  }
}
