internal import Glibc
internal import PonsFiles
internal import PonsKit

/// The bytes of a file from front to back, inflated when the file is gzip.
///
/// Files are read, not mapped: reading goes straight into the memory where the bytes belong, as fast as copying from a
/// map, and a file that shrinks meanwhile is an error here, where a map would end the process with a bus error.
package final class ByteStream {
  private let file: OpenFile
  private var inflater: Inflater?
  /// Bytes given so far.
  package private(set) var position = 0

  /// Opens a file. Whether it is gzip is decided by its first bytes, not by its name.
  ///
  /// - Throws: `StageFailure`: UNREADABLE, EMPTY.
  package init(path: String) throws {
    file = try OpenFile(path: path)
    if file.size == 0 {
      throw StageFailure(.badInput, code: "EMPTY", "the file has no bytes")
    }
    var magic: [UInt8] = [0, 0]
    let count = try magic.withUnsafeMutableBytes { try file.read(into: $0) }
    file.rewind()
    if count == 2, magic == [0x1f, 0x8b] { inflater = try Inflater() }
  }

  /// Whether the file is gzip.
  package var isCompressed: Bool { inflater != nil }

  /// No more bytes than this can follow.
  package var upperBound: Int {
    guard let inflater else { return file.size - position }
    // Deflate cannot make more than 1032 bytes out of one.
    let left = file.size - file.position + inflater.waiting
    let (bound, overflow) = left.multipliedReportingOverflow(by: 1032)
    return overflow ? Int.max : bound + (64 << 10)
  }

  /// Fills the memory.
  ///
  /// - Throws: `StageFailure`: TRUNCATED when the file ends before, BAD_GZIP, BAD_CHECKSUM, UNREADABLE.
  package func read(into memory: UnsafeMutableRawBufferPointer) throws {
    let count = try readSome(into: memory)
    if count < memory.count {
      throw StageFailure(
        .badInput, code: "TRUNCATED",
        "the file ends after \(position) bytes\(isCompressed ? " (inflated)" : ""), "
          + "but its header promises at least \(position - count + memory.count)",
        hint: "copy the file again from where it came from")
    }
  }

  /// Fills the memory as far as the file goes and says how far that was.
  package func readSome(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
    let count =
      if let inflater {
        try inflater.read(into: memory, from: file)
      } else {
        try file.read(into: memory)
      }
    position += count
    return count
  }

  /// So many bytes as an array.
  package func bytes(_ count: Int) throws -> [UInt8] {
    if count > upperBound {
      throw StageFailure(
        .badInput, code: "TRUNCATED", "the file is too short for the \(count) bytes it promises")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(into: $0) }
    return bytes
  }

  /// Passes over bytes.
  package func skip(_ count: Int) throws {
    if inflater == nil, count <= file.size - position {
      file.skip(count)
      position += count
      return
    }
    var left = count
    try withScratch { scratch in
      while left > 0 {
        let piece = min(left, scratch.count)
        try read(into: UnsafeMutableRawBufferPointer(rebasing: scratch[0..<piece]))
        left -= piece
      }
    }
  }

  /// Reads to the end, so that the checksum of a gzip file is verified.
  ///
  /// - Throws: as ``read(into:)``; also TRAILING_BYTES when something else follows the gzip data.
  package func finish() throws {
    guard inflater != nil else { return }
    try withScratch { scratch in
      while try readSome(into: scratch) == scratch.count {}
    }
  }

  private func withScratch(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    defer { scratch.deallocate() }
    try body(scratch)
  }
}
