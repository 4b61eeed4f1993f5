internal import Glibc
internal import PonsKit

/// The lock of a work folder, `WORK/lock`: runs share it, and whoever removes results holds it alone. Advisory (flock), so it works
/// on network file systems, and it ends with its process, however that ended.
final class StoreLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A share for a run; waits while results are being removed.
  static func shared(_ work: String) throws -> StoreLock {
    let lock = StoreLock(descriptor: try open(work))
    while flock(lock.descriptor, LOCK_SH) != 0 {
      if errno != EINTR { throw SystemFailure.resource("flock", path: "lock") }
    }
    return lock
  }

  /// The whole lock, or nil when somebody has a share.
  static func alone(_ work: String) throws -> StoreLock? {
    let lock = StoreLock(descriptor: try open(work))
    while flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return nil }
      if errno != EINTR { throw SystemFailure.resource("flock", path: "lock") }
    }
    return lock
  }

  private static func open(_ work: String) throws -> Int32 {
    let descriptor = Glibc.open("\(work)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw SystemFailure.resource("open", path: "lock") }
    return descriptor
  }
}
