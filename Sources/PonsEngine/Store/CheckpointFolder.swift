internal import Glibc

/// Where a long call keeps what it needs to go on: files that the next call with the same key finds when this one does not come to
/// its end, however that was.
///
/// Two runs may make the same call at the same time; the folder is locked for the first, and the second gets one that
/// nobody will find.
final class CheckpointFolder: Sendable {
  /// Where the stage may write.
  let path: String
  private let lock: Int32

  /// Makes the folder, and takes its lock.
  ///
  /// - Parameter fallback: what is used when another run has the lock.
  init(_ path: String, fallback: String) throws {
    try FileSystem.makeFolders(path, mode: 0o700)
    let descriptor = open("\(path)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      self.path = path
      lock = descriptor
      return
    }
    if descriptor >= 0 { close(descriptor) }
    try FileSystem.makeFolders(fallback, mode: 0o700)
    self.path = fallback
    lock = -1
  }

  deinit { if lock >= 0 { close(lock) } }

  /// Removes the folder with everything in it.
  func remove() { FileSystem.remove(path) }
}
