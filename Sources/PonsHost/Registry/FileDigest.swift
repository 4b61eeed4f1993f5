internal import PonsEngine
internal import Synchronization

/// The digest of a plugin, computed on a thread of its own from the beginning.
final class FileDigest: Sendable {
  private final class Work: Sendable {
    let found = Mutex<Result<String, any Error>?>(nil)

    func run(_ path: String) {
      let digest = Result { try ProgramPlugin.digest(path) }
      found.withLock { $0 = digest }
    }
  }

  private let path: String
  private let work = Work()
  private let thread: EngineThread

  /// Begins.
  init(_ path: String) {
    self.path = path
    let work = work
    thread = EngineThread("pons-digest") { work.run(path) }
  }

  /// Waits for the digest. To be called once.
  func result() -> Result<String, any Error> {
    thread.join()
    return work.found.withLock { $0 } ?? Result { try ProgramPlugin.digest(path) }
  }
}
