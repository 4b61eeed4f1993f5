internal import Glibc
internal import PonsKit

/// A file that is being written.
package final class NewFile {
  private var descriptor: Int32

  package init(path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw Self.failure("create", errno) }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let count = Glibc.write(descriptor, base + done, min(bytes.count - done, 1 << 30))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Self.failure("write", errno) }
      done += count
    }
  }

  /// Waits until the bytes are on the disk: what is renamed afterwards is whole even when the power fails.
  package func sync() throws {
    if fsync(descriptor) != 0, errno != EINVAL { throw Self.failure("write", errno) }
  }

  /// Network file systems report some errors only here.
  package func close() throws {
    let status = Glibc.close(descriptor)
    descriptor = -1
    if status != 0, errno != EINTR { throw Self.failure("close", errno) }
  }

  private static func failure(_ what: String, _ error: Int32) -> StageFailure {
    let isFull = error == ENOSPC || error == EDQUOT
    return StageFailure(
      .resource, code: isFull ? "DISK_FULL" : "IO_ERROR",
      "cannot \(what) a file in the scratch folder: \(String(cString: strerror(error)))",
      hint: isFull ? "make room on the disk and run again; what is finished is kept" : "")
  }
}
