internal import Glibc
internal import PonsKit

/// A regular file that is open for reading.
final class OpenFile {
  private let descriptor: Int32
  /// Bytes of the file when it was opened.
  let size: Int
  /// Offset of the next byte.
  private(set) var position = 0

  init(path: String) throws {
    // Without O_NONBLOCK, opening a pipe that somebody left in the folder would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw Self.failure("open", errno) }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StageFailure(.badInput, code: "UNREADABLE", "this is no regular file")
    }
    posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_SEQUENTIAL))
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Reads until the memory is full or the file ends; says how many bytes there were.
  func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < memory.count, let base = memory.baseAddress {
      let count = pread(descriptor, base + done, min(memory.count - done, 1 << 30), off_t(position))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Self.failure("read", errno) }
      if count == 0 { break }
      done += count
      position += count
    }
    return done
  }

  /// Passes over bytes that the file has.
  func skip(_ count: Int) { position += count }

  /// Goes back to the first byte.
  func rewind() { position = 0 }

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
