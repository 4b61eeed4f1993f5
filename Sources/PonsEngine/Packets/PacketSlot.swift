internal import PonsKit
internal import Synchronization

/// Where the bytes of a packet lie outside of memory.
enum PacketLocation: Sendable {
  /// A safetensors file of its own.
  case file(path: String, digest: String)
  /// A part of a journal.
  case journal(JournalReference)
  /// A temporary file that is removed when nobody waits for the packet any more.
  case spill(path: String)
}

/// A packet on its way between stages: known by its identity, held in memory only as long as that is useful.
///
/// The content is in memory (resident), on disk (location), both, or neither: then it is made again by its producer,
/// which only deterministic stages allow.
final class PacketSlot: Sendable {
  let kind: String
  let identity: String
  let caseKey: String?
  /// The call that made it; nil in tests.
  let producer: Execution?
  /// The output port of the producer.
  let port: String
  /// Whether it carries ground truth, declared or found.
  let isGroundTruth: Bool

  private struct State {
    var resident: Packet?
    /// The packet after the slot let go of it, as long as somebody else holds it. Set then only: weak references are not
    /// cheap.
    weak var shared: Packet?
    var location: PacketLocation?
    /// Consumers that have not finished with it.
    var pending = 0
    /// A writer is going to give it a location.
    var isBeingWritten = false
    /// It need not stay in memory once it has one.
    var leavesWhenStored = false

    /// Lets go of the packet, and gives it to the caller: it must outlive the lock, because freeing its memory takes the pool's.
    mutating func evict() -> Packet? {
      let packet = resident
      resident = nil
      shared = packet
      return packet
    }
  }
  private let state: Mutex<State>

  init(
    kind: String, identity: String, caseKey: String?, producer: Execution?, port: String,
    packet: Packet? = nil, location: PacketLocation? = nil
  ) {
    self.kind = kind
    self.identity = identity
    self.caseKey = caseKey
    self.producer = producer
    self.port = port
    isGroundTruth = producer?.sendsGroundTruth(port) ?? false
    state = Mutex(State(resident: packet, location: location))
  }

  /// The packet, when it is in memory.
  var packet: Packet? { state.withLock { $0.resident ?? $0.shared } }

  /// Where its bytes lie on disk, if they do.
  var location: PacketLocation? { state.withLock { $0.location } }

  /// Bytes that letting go of the resident packet would free.
  var residentBytes: Int { state.withLock { $0.resident?.residentBytes ?? 0 } }

  /// Remembers a packet that was read back, without keeping it alive.
  func share(_ packet: Packet) { state.withLock { $0.shared = packet } }

  /// Gives the packet a place on disk. When nobody waits for it any more, a spill file is not taken: the answer
  /// is false, and the caller removes it.
  func setLocation(_ location: PacketLocation) -> Bool {
    let taken: (Bool, Packet?) = state.withLock { state in
      state.isBeingWritten = false
      if case .spill = location, state.pending == 0 { return (false, nil) }
      state.location = location
      return (true, state.leavesWhenStored ? state.evict() : nil)
    }
    return taken.0
  }

  /// Forgets a place on disk that turned out to be damaged.
  func forgetLocation() { state.withLock { $0.location = nil } }

  /// One writer at a time: true when the caller shall write it.
  func beginWriting() -> Bool {
    state.withLock { state in
      if state.isBeingWritten || state.location != nil { return false }
      state.isBeingWritten = true
      return true
    }
  }

  /// A write failed.
  func endWriting() { state.withLock { $0.isBeingWritten = false } }

  /// Lets go of the memory when the bytes are on disk too; true when they are.
  func evict() -> Bool {
    let released: (Bool, Packet?) = state.withLock { state in
      state.location == nil ? (false, nil) : (true, state.evict())
    }
    return released.0
  }

  /// Lets go of the memory as soon as the bytes are on disk, when they are on their way there.
  ///
  /// - Returns: whether they are, or were there already.
  func evictWhenStored() -> Bool {
    let released: (Bool, Packet?) = state.withLock { state in
      if state.location != nil { return (true, state.evict()) }
      state.leavesWhenStored = state.isBeingWritten
      return (state.isBeingWritten, nil)
    }
    return released.0
  }

  /// Adds consumers.
  func retain(_ consumers: Int) { state.withLock { $0.pending += consumers } }

  /// One consumer is done. After the last one the memory is let go, and a spill file is returned for removal.
  func release() -> String? {
    let last: (spill: String?, packet: Packet?) = state.withLock { state in
      state.pending -= 1
      guard state.pending <= 0 else { return (nil, nil) }
      let packet = state.resident
      state.resident = nil
      if case .spill(let path)? = state.location {
        state.location = nil
        return (path, packet)
      }
      return (nil, packet)
    }
    return last.spill
  }
}
