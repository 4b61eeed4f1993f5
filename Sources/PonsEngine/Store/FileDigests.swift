internal import Glibc
internal import PonsKit
internal import Synchronization

/// SHA-256 of source files. A digest is remembered with the file's identity (device, inode, size, times), so that a second run does not
/// read everything again; keys are made of digests alone.
final class FileDigests: Sendable {
  private struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    let changed: Int64
  }

  private struct State {
    var known: [Identity: String] = [:]
    var added = ""
  }

  private let state: Mutex<State>
  private let folder: String

  /// Reads what earlier runs remembered. Lines that cannot be read are passed over.
  init(folder: String) {
    self.folder = folder
    var known: [Identity: String] = [:]
    for name in FileSystem.names(in: folder) where name.hasSuffix(".tsv") {
      guard let bytes = try? FileSystem.read("\(folder)/\(name)") else { continue }
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
        let fields = line.split(separator: "\t")
        guard fields.count == 6, let device = UInt64(fields[0]), let inode = UInt64(fields[1]),
          let size = Int64(fields[2]), let modified = Int64(fields[3]),
          let changed = Int64(fields[4]), fields[5].utf8.count == 64
        else { continue }
        let identity = Identity(
          device: device, inode: inode, size: size, modified: modified, changed: changed)
        known[identity] = String(fields[5])
      }
    }
    state = Mutex(State(known: known))
  }

  /// The digests of the contents of files, in their order.
  ///
  /// - Parameter threads: how many may be kept busy.
  func digests(of paths: [String], threads: Int) throws -> [String] {
    let helpers = min(threads, paths.count / 8) - 1
    if helpers < 1 { return try paths.map { try digest(of: $0) } }
    let work = DigestWork(paths: paths, digests: self)
    let started = (0..<helpers).map { _ in EngineThread("pons-digest") { work.run() } }
    work.run()
    for thread in started { thread.join() }
    return try work.results()
  }

  /// The digest of what a parameter names: a file's content, or the names and contents of the files in a folder and below it. Empty when it
  /// is neither: its stage says so when it is made.
  func digest(ofParameter path: String) throws -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "" }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return try digest(of: path)
    case S_IFDIR:
      var hash = SHA256()
      try add(folder: path, depth: 0, to: &hash)
      return try hash.finish()
    default: return ""
    }
  }

  /// Deeper folders than any model has are left out: links may go round in circles.
  private func add(folder: String, depth: Int, to hash: inout SHA256) throws {
    for name in FileSystem.names(in: folder) {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      hash.update(field: name)
      switch status.st_mode & S_IFMT {
      case S_IFREG: hash.update(field: try digest(of: path))
      case S_IFDIR where depth < 8: try add(folder: path, depth: depth + 1, to: &hash)
      default: break
      }
    }
  }

  /// The digest of a file's content. Failures show its name as far as it tells nobody who the patient is.
  func digest(of path: String) throws -> String {
    func shown() -> String { RedactedPath.describe(FileSystem.lastPart(path)) }
    var status = stat()
    if stat(path, &status) != 0 { throw SystemFailure.resource("stat", path: shown()) }
    let identity = Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
    if let digest = state.withLock({ $0.known[identity] }) { return digest }
    let digest = try SHA256.digest(file: path, shownAs: shown())
    // A file that changed a moment ago may change again within the resolution of its times.
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    if now.tv_sec - status.st_ctim.tv_sec > 2 {
      state.withLock { state in
        state.known[identity] = digest
        state.added +=
          "\(identity.device)\t\(identity.inode)\t\(identity.size)\t\(identity.modified)"
          + "\t\(identity.changed)\t\(digest)\n"
      }
    }
    return digest
  }

  /// Writes what this run learned to a file of its own. It is a help only: a failure to write costs time later, no
  /// results.
  func save(runName: String) {
    let added = state.withLock { state in
      defer { state.added = "" }
      return state.added
    }
    if added.isEmpty { return }
    try? FileSystem.replace("\(folder)/\(runName).tsv", with: added)
  }
}

/// Files that several threads digest, each the next one.
private final class DigestWork: Sendable {
  private let paths: [String]
  private let digests: FileDigests
  private let next = Atomic<Int>(0)
  private let found: Mutex<[Result<String, any Error>?]>

  init(paths: [String], digests: FileDigests) {
    self.paths = paths
    self.digests = digests
    found = Mutex(Array(repeating: nil, count: paths.count))
  }

  func run() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= paths.count { return }
      let result = Result { try digests.digest(of: paths[index]) }
      found.withLock { $0[index] = result }
    }
  }

  func results() throws -> [String] {
    try found.withLock { found in try found.compactMap { try $0?.get() } }
  }
}
