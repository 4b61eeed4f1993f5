internal import Glibc
internal import PonsKit

/// What reading a whole work folder found.
public struct StoreVerification: Sendable {
  /// A result that is not what was written.
  public struct Damage: Sendable, Hashable {
    /// The key of the call.
    public var key: String
    /// The stage, when its record can be read.
    public var stage: String?
    /// The case, when its record can be read and it has one.
    public var caseKey: String?
    /// What is wrong.
    public var reason: String
  }

  /// Results that were read.
  public var results = 0
  /// Bytes that were read.
  public var bytes = 0
  /// Those that are not what was written; the next run computes them again.
  public var damaged: [Damage] = []
  /// Bytes at the ends of journals that belong to no complete result: a run was killed while it wrote them.
  public var cutOffBytes = 0
  /// Runs whose record cannot be read.
  public var damagedRuns: [String] = []

  /// Reads everything in a work folder and compares it with its digests.
  ///
  /// - Parameters:
  ///   - removing: damaged results are removed; nobody may be using the folder then.
  ///   - progress: is told how many bytes were read so far.
  /// - Throws: `StageFailure`, code `NO_WORK_FOLDER`, or `IN_USE` when a run is using the folder and results shall be removed.
  public init(work: String, removing: Bool = false, progress: (Int) -> Void = { _ in }) throws {
    try PacketStore.requireWorkFolder(work)
    let lock = removing ? try PacketStore.lockAlone(work) : nil
    defer { withExtendedLifetime(lock) {} }
    let store = try PacketStore(work: work, isReading: true)
    for key in store.entryKeys {
      results += 1
      if let damage = try check(store.entryFolder(key), key) {
        damaged.append(damage)
        if removing { FileSystem.remove(store.entryFolder(key)) }
      }
      progress(bytes)
    }
    for (key, reference) in store.journalled {
      results += 1
      bytes += reference.count
      if Journal.read(reference) == nil {
        damaged.append(Damage(key: key.text, reason: "its part of a journal is damaged"))
      }
      progress(bytes)
    }
    for path in store.journalPaths {
      if let journal = JournalFile(path: path) { cutOffBytes += Journal.unreadBytes(of: journal) }
    }
    for run in RunRecord.names(work: work) {
      guard let record = RunRecord.load(work: work, run: run),
        record.stages.allSatisfy({ StageParts.load(work: work, digest: $0.parts) != nil })
      else {
        damagedRuns.append(run)
        continue
      }
    }
  }

  /// Reads one entry.
  private mutating func check(_ folder: String, _ key: String) throws -> Damage? {
    guard let text = try? FileSystem.read("\(folder)/record"), let record = StoredRecord(file: text)
    else { return Damage(key: key, reason: "its record is missing or damaged") }
    func damage(_ reason: String) -> Damage {
      Damage(key: key, stage: record.stage, caseKey: record.caseKey, reason: reason)
    }
    bytes += text.count
    for output in record.outputs {
      guard case .file(let name, let digest) = output.content else { continue }
      let path = "\(folder)/\(name)"
      guard let found = try? SHA256.digest(file: path) else { return damage("\(name) is missing") }
      if found != digest { return damage("\(name) is not what was written") }
      bytes += FileSystem.size(of: path)
      guard output.kind == "files" else { continue }
      guard let packet = try? Packet.parse(Buffer.mapping(file: path)),
        let files = try? StoredFiles(packet, at: path).files,
        let listed = try? JSON(parsing: packet.metadata)["files"]?.array
      else { return damage("\(name) is no list of files") }
      for (file, entry) in zip(files, listed) {
        guard let found = try? SHA256.digest(file: file.path) else {
          return damage("a file of \(name) is missing")
        }
        if found != entry["sha256"]?.string { return damage("a file is not what was written") }
        bytes += file.size
      }
    }
    return nil
  }
}
