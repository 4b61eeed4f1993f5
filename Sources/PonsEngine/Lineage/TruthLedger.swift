internal import Glibc
internal import PonsKit
internal import Synchronization

/// The digests of files to which ground truth was published, on this site: a truth mask that was written out and is read again
/// stays ground truth, whatever it is called then, in which folder it lies, and which work folder is used.
///
/// It lies beside the site key, a digest a line. A file that another program has written again has other bytes and is not known.
final class TruthLedger: Sendable {
  private let path: String
  private let known: Mutex<Set<String>>

  /// Reads what is known; a ledger that is not there is empty.
  ///
  /// - Throws: `StageFailure` when it is there and cannot be read: ground truth would go unnoticed.
  init(path: String) throws {
    self.path = path
    known = Mutex(try Self.read(path))
  }

  func contains(_ digest: String) -> Bool { known.withLock { $0.contains(digest) } }

  /// Adds digests that are not known, for all runs to come.
  func add(_ digests: [String]) throws {
    let new = known.withLock { known in digests.filter { known.insert($0).inserted } }
    if new.isEmpty { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw SystemFailure.resource("open", path: path) }
    defer { close(descriptor) }
    // Runs at the same time take turns; appending alone is not enough on network file systems.
    flock(descriptor, LOCK_EX)
    let text = Array(new.map { $0 + "\n" }.joined().utf8)
    try text.withUnsafeBytes { try FileSystem.write($0, to: descriptor, name: path) }
  }

  private static func read(_ path: String) throws -> Set<String> {
    if access(path, F_OK) != 0, errno == ENOENT { return [] }
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    return Set(text.split(separator: "\n").map(String.init).filter { $0.utf8.count == 64 })
  }
}
