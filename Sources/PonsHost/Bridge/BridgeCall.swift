internal import CPons
internal import PonsEngine
internal import PonsKit
internal import Synchronization

/// One call of a plugin: what its context handle stands for.
final class BridgeCall: Sendable {
  let call: any StageCall
  let stage: StageDescriptor

  private struct State {
    var described: StageFailure?
    var refused: StageFailure?
    var packets: [UInt64] = []
    var builders: [UInt64] = []
    var scratch: CText?
    /// What the plugin was told and may look at until the call ends.
    var texts: [CText] = []
  }
  private let state = Mutex(State())

  init(_ call: any StageCall, stage: StageDescriptor) {
    self.call = call
    self.stage = stage
  }

  /// Calls the plugin with a context that is valid until `body` returns, and turns its answer into an error.
  ///
  /// - Throws: `StageFailure`.
  static func run(
    _ call: any StageCall, stage: StageDescriptor, _ body: (pons_context) -> pons_status
  ) throws {
    let bridge = BridgeCall(call, stage: stage)
    let handle = try Handles.contexts.insert(bridge)
    let status = body(handle)
    Handles.contexts.remove(handle)
    try bridge.end(status)
  }

  private func end(_ status: pons_status) throws {
    let state = self.state.withLock { state in
      let last = state
      state = State(described: last.described, refused: last.refused)
      return last
    }
    for handle in state.packets where Handles.packets[handle]?.endCall() == true {
      Handles.packets.remove(handle)
    }
    var unsealed: [String] = []
    for handle in state.builders {
      guard let lent = Handles.builders.remove(handle) else { continue }
      unsealed.append(lent.builder.port)
      call.discard(lent.builder)
    }
    if status == PONS_OK {
      if let port = unsealed.first {
        call.log(
          .warning, code: "NOT_SEALED",
          "stage '\(stage.id)' began a packet for port '\(port)' and did not seal it")
      }
      return
    }
    throw failure(status, described: state.described, refused: state.refused)
  }

  private func failure(
    _ status: pons_status, described: StageFailure?, refused: StageFailure?
  ) -> StageFailure {
    if status == PONS_CANCELLED || described?.category == .cancelled, !call.isCancelled {
      return StageFailure(
        .internal, code: "NOT_CANCELLED",
        "stage '\(stage.id)' answered CANCELLED, but nobody asked it to end",
        hint: "It may have used a packet, builder or context that had expired.")
    }
    if let described { return described }
    guard let category = StageFailure.Category(rawValue: status) else {
      return StageFailure(
        .internal, code: "BAD_STATUS", "stage '\(stage.id)' answered the unknown status \(status)")
    }
    // A refusal of the host that the plugin only passed on.
    if let refused, refused.category == category { return refused }
    if category == .cancelled { return StageFailure(.cancelled, "the call was cancelled") }
    return StageFailure(
      .internal, code: "UNDESCRIBED",
      "stage '\(stage.id)' answered \(category.defaultCode) without describing the error",
      hint: "A plugin calls host->fail() before it answers anything but PONS_OK.")
  }

  /// The plugin's description; the first one counts.
  func describe(_ failure: StageFailure) {
    state.withLock { if $0.described == nil { $0.described = failure } }
  }

  /// Runs what the plugin asked for. An error becomes the answer, and is kept in case the plugin passes it on.
  func answer(_ body: () throws -> Void) -> pons_status {
    do {
      try body()
      return PONS_OK
    } catch {
      var failure = error as? StageFailure ?? StageFailure(.internal, "\(error)")
      if failure.category == .internal, !failure.message.contains(stage.id) {
        failure.message = "stage '\(stage.id)': \(failure.message)"
      }
      let refused = failure
      state.withLock { $0.refused = refused }
      return failure.category.rawValue
    }
  }

  /// Lends a packet; the number is valid until the call ends, or the plugin releases it.
  func lend(_ packet: Packet) throws -> UInt64 {
    let handle = try Handles.packets.insert(LentPacket(packet))
    state.withLock { state in
      // A stage that walks over many cases releases each: forget those, or the list grows with the cohort.
      if state.packets.count >= 64, state.packets.count.isMultiple(of: 64) {
        state.packets.removeAll { Handles.packets[$0] == nil }
      }
      state.packets.append(handle)
    }
    return handle
  }

  func lend(_ builder: PacketBuilder) throws -> UInt64 {
    let handle = try Handles.builders.insert(LentBuilder(builder, of: self))
    state.withLock { state in
      if state.builders.count >= 64, state.builders.count.isMultiple(of: 64) {
        state.builders.removeAll { Handles.builders[$0] == nil }
      }
      state.builders.append(handle)
    }
    return handle
  }

  /// A text as C text that stays until the call ends.
  func keep(_ text: String) -> pons_string {
    let kept = CText(text)
    state.withLock { $0.texts.append(kept) }
    return kept.string
  }

  /// Path of the scratch folder as C text that stays until the call ends.
  func scratch() throws -> pons_string {
    if let known = state.withLock({ $0.scratch }) { return known.string }
    let text = CText(try call.scratch())
    return state.withLock { state in
      let text = state.scratch ?? text
      state.scratch = text
      return text.string
    }
  }
}

/// An output packet that a plugin fills.
final class LentBuilder: @unchecked Sendable {
  // @unchecked: shapes are constant.
  let builder: PacketBuilder
  let owner: BridgeCall
  private let shapes: UnsafeMutablePointer<Int64>

  init(_ builder: PacketBuilder, of owner: BridgeCall) {
    self.builder = builder
    self.owner = owner
    let extents = builder.slots.flatMap { $0.request.shape.map(Int64.init) }
    shapes = .allocate(capacity: max(1, extents.count))
    shapes.initialize(from: extents, count: extents.count)
  }

  deinit { shapes.deallocate() }

  func tensor(_ name: String) throws -> pons_tensor {
    var start = 0
    for slot in builder.slots {
      if slot.request.name == name {
        let type = slot.request.type.dlpack
        return pons_tensor(
          data: builder.memory(name)?.baseAddress, device_type: 1, device_id: 0,
          ndim: Int32(slot.request.shape.count), code: type.code, bits: type.bits, lanes: 1,
          shape: shapes + start, strides: nil, byte_offset: 0)
      }
      start += slot.request.shape.count
    }
    throw StageFailure(
      .internal, code: "UNKNOWN_TENSOR", "tensor '\(name)' was not asked for in begin()",
      port: builder.port)
  }
}

/// Text in memory that does not move.
final class CText: @unchecked Sendable {
  // @unchecked: constant.
  let string: pons_string

  init(_ text: String) {
    let bytes = Array(text.utf8)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    memory.initialize(from: bytes, count: bytes.count)
    string = pons_string(
      data: UnsafeRawPointer(memory).assumingMemoryBound(to: CChar.self),
      length: UInt64(bytes.count))
  }

  deinit { string.data.deallocate() }
}

/// Everything that plugins hold a number for.
package enum Handles {
  static let contexts = HandleTable<BridgeCall>(kind: 0x11)
  static let packets = HandleTable<LentPacket>(kind: 0x22)
  static let builders = HandleTable<LentBuilder>(kind: 0x33)

  /// How many packets plugins hold at the moment.
  package static var lentPackets: Int { packets.count }
}
