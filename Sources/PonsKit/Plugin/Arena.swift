internal import CPons

/// C structs and strings that live together: for the time of a call, or, when it is never freed, for ever.
final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []

  /// Lends an arena to `body` and frees everything in it afterwards.
  static func with<Result>(_ body: (Arena) throws -> Result) rethrows -> Result {
    let arena = Arena()
    defer { arena.blocks.forEach { $0.deallocate() } }
    return try body(arena)
  }

  func one<Value>(_ value: Value) -> UnsafeMutablePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: value)
    blocks.append(pointer)
    return pointer
  }

  /// Nil for an empty array.
  func array<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value>? {
    if values.isEmpty { return nil }
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: values.count)
    pointer.initialize(from: values, count: values.count)
    blocks.append(pointer)
    return pointer
  }

  func string(_ text: String) -> pons_string {
    let bytes = array(text.utf8.map { CChar(bitPattern: $0) })
    return pons_string(data: UnsafePointer(bytes), length: UInt64(text.utf8.count))
  }

  func json(_ members: [String: JSON]) -> pons_string {
    members.isEmpty ? pons_string() : string(JSON.object(members).canonical)
  }
}
