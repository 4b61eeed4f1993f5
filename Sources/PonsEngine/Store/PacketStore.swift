internal import Glibc
internal import PonsKit
internal import Synchronization

/// The packets and records of finished calls in the work folder, found by the key of the call.
///
///     WORK/entries/ab/<key>/       a call with large results: record, 0.safetensors, 0.files/...
///     WORK/journals/<run>.journal  calls with small results
///     WORK/digests/<run>.tsv       digests of source files
///     WORK/checkpoints/<key>/      what a long call that was interrupted goes on from
///     WORK/runs/<run>.json         what a run was, with its calls in <run>.calls
///     WORK/stages/<digest>.json    what all calls of a stage have in common in their keys
///     WORK/tmp/<run>/              what is not finished; removed when its run is gone
///
/// A call appears in one step (a rename, or one append) when it is complete.
final class PacketStore: Sendable {
  let work: String
  private let runFolder: RunFolder
  let runName: String
  /// The calls of this run; nil when the store is only looked at.
  let calls: CallLog?
  /// A share in the work folder; nil when the store is only looked at.
  private let lock: StoreLock?
  private let index: Mutex<[Journal.Key: JournalReference]>
  /// Keys with a folder of their own when the run began, so that looking up a new key costs no system call.
  private let folders: Set<Journal.Key>

  /// Results below this many bytes go to the journal.
  static let smallResult = 32 * 1024

  /// Opens the store in a work folder.
  ///
  /// - Parameter isReading: the store is looked at, and nothing is written; the folder need not be there.
  init(work: String, isReading: Bool = false) throws {
    self.work = work
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    runName = "\(time.tv_sec)-\(time.tv_nsec)-\(getpid())"
    runFolder = RunFolder("\(work)/tmp/\(runName)")
    if isReading {
      calls = nil
      lock = nil
      if access("\(work)/VERSION", F_OK) == 0 { try Self.checkVersion(work) }
    } else {
      for folder in ["entries", "journals", "digests", "tmp", "runs", "stages"] {
        try FileSystem.makeFolders("\(work)/\(folder)", mode: 0o700)
      }
      try Self.checkVersion(work)
      lock = try StoreLock.shared(work)
      calls = CallLog(path: "\(work)/runs/\(runName).calls")
      RunFolder.removeAbandoned(in: "\(work)/tmp")
      try runFolder.make()
    }
    var index: [Journal.Key: JournalReference] = [:]
    for name in FileSystem.names(in: "\(work)/journals") where name.hasSuffix(".journal") {
      if let journal = JournalFile(path: "\(work)/journals/\(name)") {
        Journal.index(journal, into: &index)
      }
    }
    self.index = Mutex(index)
    var folders: Set<Journal.Key> = []
    for prefix in FileSystem.names(in: "\(work)/entries") {
      for name in FileSystem.names(in: "\(work)/entries/\(prefix)") {
        if let key = Journal.Key(hexadecimal: name) { folders.insert(key) }
      }
    }
    self.folders = folders
  }

  /// Folder for what is not finished, of this run alone.
  var temporary: String { runFolder.path }

  /// Folder for the checkpoints of a call.
  func checkpoints(of key: String) -> String { "\(work)/checkpoints/\(key)" }

  /// Removes what the run left unfinished.
  func removeTemporary() { runFolder.remove() }

  private static func checkVersion(_ work: String) throws {
    let path = "\(work)/VERSION"
    let version = "pons store 2\n"
    if access(path, F_OK) != 0 {
      try FileSystem.replace(path, with: version)
    } else if try FileSystem.read(path, limit: 4096) != Array(version.utf8) {
      throw StageFailure(
        .badParameter, code: "STORE_VERSION", "the work folder was made by another version of Pons",
        hint: "name another folder with --work, or remove this one")
    }
  }

  /// - Throws: `StageFailure`, code `NO_WORK_FOLDER`.
  static func requireWorkFolder(_ work: String) throws {
    if access("\(work)/VERSION", F_OK) == 0 { return }
    throw StageFailure(
      .resource, code: "NO_WORK_FOLDER",
      "there is no work folder '\(FileSystem.lastPart(work))'",
      hint: "name the folder of a run with --output, or its work folder with --work")
  }

  /// The lock of a work folder that nobody else is using.
  ///
  /// - Throws: `StageFailure`, code `IN_USE`.
  static func lockAlone(_ work: String) throws -> StoreLock {
    if let lock = try StoreLock.alone(work) { return lock }
    throw StageFailure(
      .resource, code: "IN_USE", "a run is using the work folder '\(FileSystem.lastPart(work))'",
      hint: "wait until it has ended")
  }

  // MARK: Maintenance

  /// The keys of calls with folders of their own, sorted.
  var entryKeys: [String] { folders.map(\.text).sorted() }

  /// The folder of such a call.
  func entryFolder(_ key: String) -> String { folder(of: key) }

  /// The calls in journals.
  var journalled: [Journal.Key: JournalReference] { index.withLock { $0 } }

  /// The files of all journals.
  var journalPaths: [String] {
    FileSystem.names(in: "\(work)/journals").filter { $0.hasSuffix(".journal") }
      .map { "\(work)/journals/\($0)" }
  }

  // MARK: Reading

  /// A finished call, and where the content of its outputs is.
  struct Found {
    let record: StoredRecord
    fileprivate let folder: String?
    fileprivate let reference: JournalReference?

    /// Where the content of an output is, when the store has it.
    func location(of output: StoredRecord.Output) -> PacketLocation? {
      switch output.content {
      case .nowhere, .forwarded: return nil
      case .file(let name, let digest):
        return folder.map { .file(path: "\($0)/\(name)", digest: digest) }
      case .inline(let offset, let count):
        guard var reference else { return nil }
        reference.part = offset..<offset + count
        return .journal(reference)
      }
    }
  }

  private func folder(of key: String) -> String { "\(work)/entries/\(key.prefix(2))/\(key)" }

  /// The finished call with a key, or nil when there is none, or a damaged one.
  func find(_ key: String) -> Found? {
    guard let journalKey = Journal.Key(hexadecimal: key) else { return nil }
    if let reference = index.withLock({ $0[journalKey] }) {
      guard let (json, body, packets) = Journal.read(reference), var record = StoredRecord(json)
      else { return nil }
      // Offsets count from the end of the record; from here on they count from the begin of the body.
      for position in record.outputs.indices {
        if case .inline(let offset, let count) = record.outputs[position].content {
          guard count <= body.count - packets, offset <= body.count - packets - count else {
            return nil
          }
          record.outputs[position].content = .inline(offset: packets + offset, count: count)
        }
      }
      return Found(record: record, folder: nil, reference: reference)
    }
    guard folders.contains(journalKey) else { return nil }
    let folder = folder(of: key)
    return intactRecord(in: folder).map { Found(record: $0, folder: folder, reference: nil) }
  }

  /// The record of an entry whose files are all as they were written.
  private func intactRecord(in folder: String) -> StoredRecord? {
    var status = stat()
    guard stat("\(folder)/record", &status) == 0,
      let bytes = try? FileSystem.read("\(folder)/record"),
      let record = StoredRecord(file: bytes),
      record.outputs.allSatisfy({ isIntact($0, in: folder, since: status.st_mtim) })
    else { return nil }
    return record
  }

  /// A quick look whether the files of an output are there, with their full length, and were not touched after the record
  /// was written. Digests of packets are checked when they are read.
  private func isIntact(_ output: StoredRecord.Output, in folder: String, since record: timespec)
    -> Bool
  {
    guard case .file(let name, _) = output.content else { return true }
    let path = "\(folder)/\(name)"
    guard FileSystem.isUntouched(path, since: record),
      let packet = try? Packet.parse(Buffer.mapping(file: path))
    else { return false }
    if packet.kind != "files" { return true }
    guard let files = try? StoredFiles(packet, at: path) else { return false }
    return files.files.allSatisfy { file in
      FileSystem.isUntouched(file.path, size: file.size, since: record)
    }
  }

  /// Reads a packet back. Files are mapped, and their digest is checked.
  ///
  /// - Throws: `StageFailure` of category `resource`, code `STORE_DAMAGED` when the bytes are not those that were written.
  func load(_ location: PacketLocation, pool: BufferPool) throws -> Packet {
    switch location {
    case .spill(let path):
      return try Packet.parse(Buffer.mapping(file: path))
    case .file(let path, let digest):
      let buffer = try Buffer.mapping(file: path)
      var hash = SHA256()
      hash.update(UnsafeRawBufferPointer(start: buffer.base, count: buffer.size))
      if try hash.finish() != digest {
        throw StageFailure(
          .resource, code: "STORE_DAMAGED", "a stored packet is not what was written")
      }
      return try Packet.parse(buffer)
    case .journal(let reference):
      guard let (_, body, _) = Journal.read(reference) else {
        throw StageFailure(.resource, code: "STORE_DAMAGED", "a stored record is damaged")
      }
      let part = reference.part ?? 0..<body.count
      let buffer = try pool.buffer(size: part.count)
      body.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: buffer.base, count: part.count)
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[part]))
      }
      return try Packet.parse(buffer)
    }
  }

  // MARK: Writing, by one thread

  /// Makes a folder with the results of a call appear in the store.
  ///
  /// - Parameter folder: complete, with its record; it is moved.
  /// - Returns: the folder's new path. It is the old one when another run finished the same call meanwhile: that run, and
  ///   others, may be reading what it has stored.
  func publish(_ folder: String, key: String) throws -> String {
    let target = self.folder(of: key)
    try FileSystem.makeFolders("\(work)/entries/\(key.prefix(2))", mode: 0o700)
    if rename(folder, target) == 0 { return target }
    guard errno == EEXIST || errno == ENOTEMPTY else {
      throw SystemFailure.resource("rename", path: target)
    }
    if intactRecord(in: target) != nil { return folder }
    let old = "\(temporary)/replaced-\(key)"
    rename(target, old)
    if rename(folder, target) != 0 { throw SystemFailure.resource("rename", path: target) }
    FileSystem.remove(old)
    return target
  }

  /// Makes frames of the journal findable.
  func add(_ references: [(Journal.Key, JournalReference)]) {
    index.withLock { index in
      for (key, reference) in references { index[key] = reference }
    }
  }
}
