internal import Glibc
internal import PonsKit

/// A regular file that is open for reading.
package final class OpenFile {
  private let descriptor: Int32
  /// Tells whether a file is the one that was looked at before.
  package struct Identity: Sendable, Hashable {
    let device: UInt64
    let node: UInt64
    let size: Int
    let seconds: Int
    let nanoseconds: Int
  }

  /// Bytes of the file when it was opened.
  package let size: Int
  /// What the file was when it was opened.
  package let identity: Identity
  /// Offset of the next byte.
  package private(set) var position = 0

  package init(path: String) throws {
    // Without O_NONBLOCK, opening a pipe that somebody left in the folder would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw Self.failure("open", errno) }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StageFailure(.badInput, code: "UNREADABLE", "this is no regular file")
    }
    self.descriptor = descriptor
    size = Int(status.st_size)
    identity = Identity(
      device: UInt64(status.st_dev), node: UInt64(status.st_ino), size: Int(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  deinit { close(descriptor) }

  /// Reads until the memory is full or the file ends; says how many bytes there were.
  package func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try read(at: position, into: memory)
    position += count
    return count
  }

  /// Fills the memory from an offset; says how many bytes there were. Any number of threads may do so.
  package func read(at offset: Int, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < memory.count, let base = memory.baseAddress {
      let count = pread(
        descriptor, base + done, min(memory.count - done, 1 << 30), off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Self.failure("read", errno) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Passes over bytes that the file has.
  package func skip(_ count: Int) { position += count }

  /// Goes back to the first byte.
  package func rewind() { position = 0 }

  private static func failure(_ what: String, _ error: Int32) -> StageFailure {
    let reason = String(cString: strerror(error))
    switch error {
    case EMFILE, ENFILE, ENOMEM:
      return StageFailure(.resource, code: "TOO_MANY_FILES", "cannot \(what) the file: \(reason)")
    case ENOENT:
      return StageFailure(
        .badInput, code: "UNREADABLE", "cannot \(what) the file: \(reason)",
        hint: "it was there when the cases were listed, or is a link that leads nowhere")
    default:
      return StageFailure(
        .badInput, code: "UNREADABLE", "cannot \(what) the file: \(reason)",
        hint: "check its permissions and the disk")
    }
  }
}
