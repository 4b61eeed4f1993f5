internal import CNIfTI
internal import Glibc
internal import PonsFiles
internal import PonsKit

/// Inflates a gzip file piece by piece; owns an ISA-L state and the compressed bytes that wait for it.
///
/// Members that follow each other are one stream, zeros may fill up the file, and anything else behind is refused.
final class Inflater {
  private let handle: OpaquePointer
  /// In front the end of the piece before, which ISA-L may give back; then the piece.
  private let buffer: UnsafeMutableRawBufferPointer
  private static let history = Int(PONS_INFLATER_HISTORY)
  /// Compressed bytes in the buffer that are not used yet.
  private var pending = history..<history
  private var state = State.beforeMember(isFirst: true)

  private enum State {
    case beforeMember(isFirst: Bool)
    case inMember
    case ended
  }

  init() throws {
    guard let handle = pons_inflater_create() else {
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory to inflate a file")
    }
    self.handle = handle
    // Fits the second-level cache.
    buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.history + 128 << 10, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    pons_inflater_destroy(handle)
    buffer.deallocate()
  }

  /// Compressed bytes that were taken from the file and not used yet.
  var waiting: Int { pending.count }

  /// Fills the memory as far as the file goes and says how far that was.
  ///
  /// At the end of the data of a member the checksum is verified before this returns, if the memory was not full.
  func read(
    into memory: UnsafeMutableRawBufferPointer, from file: OpenFile
  ) throws -> Int {
    var done = 0
    while done < memory.count {
      switch state {
      case .ended: return done
      case .beforeMember(let isFirst): try beginMember(isFirst: isFirst, file)
      case .inMember:
        done += try inflate(UnsafeMutableRawBufferPointer(rebasing: memory[done...]), file)
      }
    }
    return done
  }

  private func refill(_ file: OpenFile) throws {
    // What is in front of the next byte stays in front of it.
    if let base = buffer.baseAddress {
      memmove(base, base + pending.upperBound - Self.history, Self.history)
    }
    let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[Self.history...])
    pending = Self.history..<Self.history + (try file.read(into: piece))
  }

  private func beginMember(isFirst: Bool, _ file: OpenFile) throws {
    if pending.isEmpty { try refill(file) }
    guard let first = pending.first.map({ buffer[$0] }) else {
      state = .ended
      return
    }
    if isFirst || first == 0x1f {
      if !isFirst { pons_inflater_restart(handle) }
      state = .inMember
      return
    }
    // gzip itself allows zeros, which tapes and block devices leave.
    while !pending.isEmpty {
      guard pending.allSatisfy({ buffer[$0] == 0 }) else {
        throw StageFailure(
          .badInput, code: "TRAILING_BYTES", "something that is not gzip follows the gzip data",
          hint: "copy the file again from where it came from")
      }
      try refill(file)
    }
    state = .ended
  }

  private func inflate(
    _ memory: UnsafeMutableRawBufferPointer, _ file: OpenFile
  ) throws -> Int {
    if pending.isEmpty { try refill(file) }
    var used: Int64 = 0
    var made: UInt64 = 0
    let input = buffer.baseAddress.map { $0 + pending.lowerBound }
    let answer = pons_inflater_run(
      handle, input?.assumingMemoryBound(to: UInt8.self), UInt64(pending.count),
      memory.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(memory.count), &used, &made)
    let isAtEnd = pending.isEmpty
    // Bytes may have been given back: then the lower bound moves into the history.
    pending = pending.lowerBound + Int(used)..<pending.upperBound
    switch answer {
    case PONS_INFLATER_MORE:
      if isAtEnd, made == 0 {
        throw StageFailure(
          .badInput, code: "TRUNCATED", "the gzip data end in the middle",
          hint: "copy the file again from where it came from")
      }
    case PONS_INFLATER_END: state = .beforeMember(isFirst: false)
    case PONS_INFLATER_CHECKSUM:
      throw StageFailure(
        .badInput, code: "BAD_CHECKSUM",
        "the length or CRC-32 at the end of the gzip data does not fit the data",
        hint: "the file is damaged: copy it again from where it came from")
    case PONS_INFLATER_HEADER:
      throw StageFailure(.badInput, code: "BAD_GZIP", "a gzip header in the file is damaged")
    default:
      throw StageFailure(
        .badInput, code: "BAD_GZIP", "the compressed data are damaged",
        hint: "copy the file again from where it came from")
    }
    return Int(made)
  }
}
