internal import PonsKit
internal import Synchronization

/// Numbers for objects that are lent to plugins. A number that has expired, or was never given, is recognised: it
/// holds the kind of object, a slot, and how often the slot was used.
final class HandleTable<Object: AnyObject & Sendable>: Sendable {
  private struct Slot {
    var generation: UInt64 = 1
    var object: Object?
  }

  private struct State {
    var slots: [Slot] = []
    var free: [Int] = []
  }

  // Layout of a number: kind (8 bits), generation (32), slot (24).
  private static var slotBits: UInt64 { 24 }
  private let kind: UInt64
  private let state = Mutex(State())

  /// `kind` tells tables apart, so that a packet is not taken for a builder.
  init(kind: UInt8) { self.kind = UInt64(kind) << 56 }

  /// Objects that are lent out at the moment.
  var count: Int { state.withLock { $0.slots.count - $0.free.count } }

  /// Gives out a number.
  ///
  /// - Throws: `StageFailure` of category `resource` when a plugin holds 2^24 objects and asks for more.
  func insert(_ object: Object) throws -> UInt64 {
    try state.withLock { state in
      let index: Int
      if let free = state.free.popLast() {
        index = free
      } else {
        index = state.slots.count
        if index >= 1 << Self.slotBits {
          throw StageFailure(
            .resource, code: "TOO_MANY_HANDLES", "\(index) packets or builders are held at once",
            hint: "Release each packet when it is done with.")
        }
        state.slots.append(Slot())
      }
      state.slots[index].object = object
      return kind | (state.slots[index].generation << Self.slotBits) | UInt64(index)
    }
  }

  /// The object, or nil for a number that is not valid (any more).
  subscript(handle: UInt64) -> Object? {
    state.withLock { state in place(of: handle, state).flatMap { state.slots[$0].object } }
  }

  /// Makes the number invalid; nil when it already was.
  @discardableResult func remove(_ handle: UInt64) -> Object? {
    state.withLock { state in
      guard let index = place(of: handle, state) else { return nil }
      let object = state.slots[index].object
      state.slots[index].object = nil
      state.slots[index].generation = (state.slots[index].generation + 1) & 0xffff_ffff
      state.free.append(index)
      return object
    }
  }

  private func place(of handle: UInt64, _ state: borrowing State) -> Int? {
    let index = Int(handle & ((1 << Self.slotBits) - 1))
    guard handle & (0xff << 56) == kind, index < state.slots.count,
      state.slots[index].object != nil,
      (handle >> Self.slotBits) & 0xffff_ffff == state.slots[index].generation
    else { return nil }
    return index
  }
}
