package import Glibc
internal import PonsKit
internal import Synchronization

/// A file that was written, and the SHA-256 of what was written.
package struct DigestedFile: Sendable {
  private let digest: String
  private let device: dev_t
  private let node: ino_t
  private let size: off_t
  private let modified: [Int]

  /// Pieces of a file. They are below this size because the cache holds them between the write and the digest.
  private static let chunk = 1 << 18
  /// Shorter files are not worth a thread.
  private static let worthAThread = 1 << 20

  /// Writes a file that was not there before, and computes its digest: at the same time when there are two threads, else
  /// piece by piece.
  ///
  /// - Parameters:
  ///   - pieces: what the file consists of, one behind the other.
  ///   - isCancelled: asked every few milliseconds.
  /// - Throws: `StageFailure` of category `resource` or `cancelled`; then there is no file.
  package init(
    writing pieces: [UnsafeRawBufferPointer], to path: String, threads: Int,
    isCancelled: () -> Bool
  ) throws {
    let name = FileSystem.lastPart(path)
    let content = FileContent(pieces: pieces)
    let size = pieces.reduce(0) { $0 + $1.count }
    var digest: String?
    var status = stat()
    try FileSystem.create(path) { descriptor in
      let thread =
        threads > 1 && size >= Self.worthAThread
        ? EngineThread("pons-digest") { content.computeDigest() } : nil
      let isShared = thread?.isStarted == true
      defer { if isShared { thread?.join() } }
      var hash = SHA256()
      for piece in pieces {
        for start in stride(from: 0, to: piece.count, by: Self.chunk) {
          if isCancelled() { throw StageFailure(.cancelled, "the call was cancelled") }
          let end = min(piece.count, start + Self.chunk)
          let part = UnsafeRawBufferPointer(rebasing: piece[start..<end])
          try FileSystem.write(part, to: descriptor, name: name)
          if !isShared { hash.update(part) }
        }
      }
      if !isShared { digest = try hash.finish() }
      if fstat(descriptor, &status) != 0 { throw SystemFailure.resource("fstat", path: name) }
    }
    self.digest = try digest ?? content.digest()
    device = status.st_dev
    node = status.st_ino
    self.size = status.st_size
    modified = Self.times(status)
  }

  /// The digest of a file that has not been touched since it was written; nil for any other.
  package func digest(of status: stat) -> String? {
    status.st_dev == device && status.st_ino == node && status.st_size == size
      && Self.times(status) == modified ? digest : nil
  }

  private static func times(_ status: stat) -> [Int] {
    [
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}

/// What two threads read.
private final class FileContent: @unchecked Sendable {
  // @unchecked: the memory is constant as long as the file is written.
  private let pieces: [UnsafeRawBufferPointer]
  private let found = Mutex<Result<String, any Error>?>(nil)

  init(pieces: [UnsafeRawBufferPointer]) { self.pieces = pieces }

  func computeDigest() {
    let digest = Result {
      var hash = SHA256()
      for piece in pieces { hash.update(piece) }
      return try hash.finish()
    }
    found.withLock { $0 = digest }
  }

  func digest() throws -> String {
    if found.withLock({ $0 == nil }) { computeDigest() }
    return try found.withLock { try $0?.get() } ?? ""
  }
}
