internal import Glibc
internal import Synchronization

/// A folder of one run, for what is not finished. It holds a file `lock`, so that the next run sees whether its owner is gone,
/// however that ended, and removes it.
final class RunFolder: Sendable {
  let path: String
  private let lock = Mutex<Int32>(-1)

  /// Names the folder; nothing is made yet.
  init(_ path: String) { self.path = path }

  deinit { lock.withLock { if $0 >= 0 { close($0) } } }

  /// Makes the folder and takes its lock, the first time.
  func make() throws {
    try lock.withLock { lock in
      while lock < 0 {
        try FileSystem.makeFolders(path, mode: 0o700)
        let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 {
          // Another run took the folder for one that nobody owns.
          if errno == ENOENT { continue }
          throw SystemFailure.resource("open", path: "lock")
        }
        flock(descriptor, LOCK_EX)
        if isLinked(descriptor) { lock = descriptor } else { close(descriptor) }
      }
    }
  }

  /// Whether the lock is still the one that others will find.
  private func isLinked(_ descriptor: Int32) -> Bool {
    var held = stat()
    var found = stat()
    return fstat(descriptor, &held) == 0 && stat("\(path)/lock", &found) == 0
      && held.st_ino == found.st_ino && held.st_dev == found.st_dev
  }

  /// Removes the folder with everything in it.
  func remove() { FileSystem.remove(path) }

  /// Removes the folders of runs that are gone: their lock is free.
  ///
  /// - Parameter prefix: how the names of such folders begin; others are left alone.
  static func removeAbandoned(in folder: String, prefix: String = "") {
    for name in FileSystem.names(in: folder) where name.hasPrefix(prefix) {
      let path = "\(folder)/\(name)"
      let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC)
      if descriptor < 0 {
        // Between mkdir and lock of a run that is just beginning, or damaged: only old ones go.
        var status = stat()
        if stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > 3600 {
          FileSystem.remove(path)
        }
        continue
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { FileSystem.remove(path) }
      close(descriptor)
    }
  }
}
