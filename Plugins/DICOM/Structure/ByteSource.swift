internal import PonsFiles
internal import PonsKit

/// Where the bytes of a data set are: in a file, or in memory after inflating.
final class ByteSource {
  private enum Place {
    case file(OpenFile)
    case memory(InflatedBytes)
  }
  private let place: Place
  /// All bytes.
  let count: Int
  /// The file behind it.
  let identity: OpenFile.Identity
  /// The bytes from the front that were read so far; they grow as they are asked for.
  private(set) var front: [UInt8]
  /// Most headers of single images fit.
  private static let firstPiece = 16 << 10

  /// Reads the first bytes of a file.
  ///
  /// - Throws: `StageFailure`: UNREADABLE.
  init(_ file: OpenFile) throws {
    place = .file(file)
    count = file.size
    identity = file.identity
    front = []
    try extend(to: min(count, Self.firstPiece))
  }

  /// Bytes in memory.
  init(_ bytes: InflatedBytes, from file: OpenFile) {
    place = .memory(bytes)
    identity = file.identity
    count = bytes.count
    front = []
    bytes.withBytes { front = Array($0.prefix(Self.firstPiece)) }
  }

  /// Makes sure that ``front`` holds the bytes below `end`.
  ///
  /// - Returns: false when there are not as many bytes.
  func need(_ end: Int) throws -> Bool {
    if end <= front.count { return true }
    if end > count { return false }
    try extend(to: min(count, max(end, 2 * front.count)))
    return end <= front.count
  }

  private func extend(to end: Int) throws {
    let start = front.count
    switch place {
    case .memory(let bytes):
      bytes.withBytes { front += $0[start..<end] }
    case .file(let file):
      front.reserveCapacity(end)
      front = try [UInt8](unsafeUninitializedCapacity: end) { memory, initialized in
        for index in 0..<start { memory[index] = front[index] }
        let rest = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(memory)[start...])
        initialized = start + (try file.read(at: start, into: rest))
      }
    }
  }

  /// Fills the memory with the bytes at an offset.
  ///
  /// - Throws: `StageFailure`: TRUNCATED when there are not as many.
  func read(at offset: Int, into memory: UnsafeMutableRawBufferPointer) throws {
    let isThere: Bool
    switch place {
    case .file(let file): isThere = try file.read(at: offset, into: memory) == memory.count
    case .memory(let bytes):
      isThere = offset <= bytes.count && memory.count <= bytes.count - offset
      if isThere {
        bytes.withBytes {
          memory.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + memory.count]))
        }
      }
    }
    if !isThere {
      throw StageFailure(
        .badInput, code: "TRUNCATED", "the file ends before its last pixel",
        hint: "copy the file again from where it came from")
    }
  }
}
