internal import PonsKit

/// Where the codestreams of compressed frames are (DICOM PS3.5 section A.4).
struct Fragments: Sendable {
  /// Offsets and lengths of the pieces of each frame.
  private(set) var frames: [[Range<Int>]]

  /// Follows the items behind an element of compressed pixels.
  ///
  /// - Throws: `StageFailure`: TRUNCATED, BAD_FRAGMENTS.
  init(_ source: ByteSource, at start: Int, frames count: Int, syntax: TransferSyntax) throws {
    var position = start
    var items: [Range<Int>] = []
    while true {
      var head = [UInt8](repeating: 0, count: 8)
      try head.withUnsafeMutableBytes { try source.read(at: position, into: $0) }
      let tag =
        UInt32(head[1]) << 24 | UInt32(head[0]) << 16 | UInt32(head[3]) << 8 | UInt32(head[2])
      let length = (0..<4).reduce(0) { $0 | Int(head[4 + $1]) << (8 * $1) }
      position += 8
      if tag == 0xfffe_e0dd { break }
      guard tag == 0xfffe_e000 else {
        throw Self.bad("something that is no item stands among the fragments of compressed pixels")
      }
      guard length <= source.count - position else {
        throw StageFailure(
          .badInput, code: "TRUNCATED", "the file ends in the middle of its compressed pixels",
          hint: "copy the file again from where it came from")
      }
      items.append(position..<position + length)
      position += length
    }
    guard let table = items.first else {
      throw Self.bad("compressed pixels without an offset table")
    }
    let pieces = Array(items.dropFirst())
    if pieces.isEmpty || pieces.contains(where: \.isEmpty) {
      throw Self.bad("compressed pixels without a codestream")
    }
    if count == 1 {
      // Joined, only the first of several images would be decoded.
      if pieces.count > 1, try Self.heads(source, pieces).count > 1 {
        throw Self.bad("the header tells of 1 frame, and there are several codestreams")
      }
      frames = [pieces]
    } else if pieces.count == count {
      frames = pieces.map { [$0] }
    } else if let starts = try Self.starts(table, source, pieces, count) {
      frames = Self.grouped(pieces, starts: starts)
    } else {
      frames = Self.grouped(pieces, starts: try Self.heads(source, pieces))
    }
    guard frames.count == count else {
      throw Self.bad(
        "the header tells of \(count) frames, and there are \(frames.count) codestreams")
    }
  }

  /// Indices of the pieces with which frames begin, by the basic offset table; nil when it is empty.
  private static func starts(
    _ table: Range<Int>, _ source: ByteSource, _ pieces: [Range<Int>], _ count: Int
  ) throws -> [Int]? {
    if table.isEmpty { return nil }
    guard table.count == 4 * count else {
      throw bad("the offset table has another number of frames")
    }
    var bytes = [UInt8](repeating: 0, count: table.count)
    try bytes.withUnsafeMutableBytes { try source.read(at: table.lowerBound, into: $0) }
    // Offsets count from the first item behind the table.
    let base = pieces[0].lowerBound - 8
    let byOffset = Dictionary(
      pieces.enumerated().map { ($1.lowerBound - 8 - base, $0) },
      uniquingKeysWith: { first, _ in first })
    return try (0..<count).map { frame in
      let offset = (0..<4).reduce(0) { $0 | Int(bytes[4 * frame + $1]) << (8 * $1) }
      guard let piece = byOffset[offset] else {
        throw bad("the offset table points between the fragments")
      }
      return piece
    }
  }

  /// Indices of the pieces that begin like a codestream: JPEG and JPEG-LS (FFD8), JPEG 2000 (FF4F).
  private static func heads(_ source: ByteSource, _ pieces: [Range<Int>]) throws -> [Int] {
    try pieces.indices.filter { index in
      guard pieces[index].count >= 2 else { return false }
      var head: [UInt8] = [0, 0]
      try head.withUnsafeMutableBytes { try source.read(at: pieces[index].lowerBound, into: $0) }
      return head == [0xff, 0xd8] || head == [0xff, 0x4f]
    }
  }

  private static func grouped(_ pieces: [Range<Int>], starts: [Int]) -> [[Range<Int>]] {
    guard starts.first == 0, zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return []
    }
    let ends = starts.dropFirst() + [pieces.count]
    return zip(starts, ends).map { Array(pieces[$0..<$1]) }
  }

  /// The codestream of a frame in one piece.
  func stream(_ frame: Int, _ source: ByteSource) throws -> [UInt8] {
    let pieces = frames[frame]
    let count = pieces.reduce(0) { $0 + $1.count }
    return try [UInt8](unsafeUninitializedCapacity: count) { memory, initialized in
      let raw = UnsafeMutableRawBufferPointer(memory)
      var done = 0
      for piece in pieces {
        try source.read(
          at: piece.lowerBound,
          into: UnsafeMutableRawBufferPointer(rebasing: raw[done..<done + piece.count]))
        done += piece.count
      }
      initialized = count
    }
  }

  private static func bad(_ message: String) -> StageFailure {
    StageFailure(
      .badInput, code: "BAD_FRAGMENTS", message,
      hint: "the file is damaged; copy it again from where it came from")
  }
}
