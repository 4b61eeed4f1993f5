internal import Glibc
internal import PonsKit

/// What removing old results from a work folder did.
public struct StoreCollection: Sendable {
  /// Runs that stay, the latest first.
  public var keptRuns: [String] = []
  /// Runs that were forgotten.
  public var removedRuns: [String] = []
  /// Results that stay.
  public var kept = 0
  /// Results that were removed.
  public var removed = 0
  /// Bytes that the file system got back: files that are published in an output folder stay there.
  public var freedBytes = 0

  /// Removes every result that none of the latest runs used.
  ///
  /// A run holds a share of the work folder's lock as long as it lasts, so nothing is removed under it. When this is killed, what is
  /// half removed is found damaged and computed again.
  ///
  /// - Parameters:
  ///   - runs: how many of the latest runs are kept with everything that they used.
  ///   - isTrial: only counts.
  /// - Throws: `StageFailure`, code `NO_WORK_FOLDER`, or `IN_USE` when a run is using the folder.
  public init(work: String, keeping runs: Int, isTrial: Bool = false) throws {
    try PacketStore.requireWorkFolder(work)
    let lock = try PacketStore.lockAlone(work)
    defer { withExtendedLifetime(lock) {} }
    let store = try PacketStore(work: work, isReading: true)
    let names = RunRecord.names(work: work)
    keptRuns = Array(names.prefix(runs))
    removedRuns = Array(names.dropFirst(runs))

    var used: Set<Journal.Key> = []
    var parts: Set<String> = []
    for run in keptRuns {
      for call in CallLog.read("\(work)/runs/\(run).calls") {
        if let key = Journal.Key(hexadecimal: call.key) { used.insert(key) }
      }
      parts.formUnion(RunRecord.load(work: work, run: run)?.stages.map(\.parts) ?? [])
    }

    for key in store.entryKeys {
      if Journal.Key(hexadecimal: key).map(used.contains) ?? false {
        kept += 1
        continue
      }
      removed += 1
      let folder = store.entryFolder(key)
      freedBytes += FileSystem.bytesFreed(byRemoving: folder)
      if !isTrial { FileSystem.remove(folder) }
    }
    try collectJournals(store, used, isTrial)
    if isTrial { return }
    for name in FileSystem.names(in: "\(work)/runs")
    where !keptRuns.contains(String(name.prefix { $0 != "." })) {
      FileSystem.remove("\(work)/runs/\(name)")
    }
    for name in FileSystem.names(in: "\(work)/stages")
    where !parts.contains(String(name.prefix { $0 != "." })) {
      FileSystem.remove("\(work)/stages/\(name)")
    }
    // What a call that was interrupted goes on from belongs to no run that has ended.
    let oldest = keptRuns.last.flatMap { RunRecord.load(work: work, run: $0)?.began }
    for name in FileSystem.names(in: "\(work)/checkpoints") {
      let path = "\(work)/checkpoints/\(name)"
      if Int64(FileSystem.modified(path)) >= oldest ?? Int64.max { continue }
      freedBytes += FileSystem.bytesFreed(byRemoving: path)
      FileSystem.remove(path)
    }
    for prefix in FileSystem.names(in: "\(work)/entries") { rmdir("\(work)/entries/\(prefix)") }
    try mergeDigests(work, as: store.runName)
    RunFolder.removeAbandoned(in: "\(work)/tmp")
  }

  /// Copies the frames that stay into one new journal, and removes the old ones afterwards.
  private mutating func collectJournals(
    _ store: PacketStore, _ used: Set<Journal.Key>, _ isTrial: Bool
  ) throws {
    let old = store.journalPaths
    let before = old.reduce(0) { $0 + FileSystem.size(of: $1) }
    var after = 0
    let target = "\(store.work)/journals/\(store.runName).journal"
    let temporary = FileSystem.temporaryName(target)
    let frames = store.journalled.sorted { $0.value.offset < $1.value.offset }
    func copy(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
      for (key, reference) in frames {
        guard used.contains(key), let frame = Journal.frame(at: reference) else { continue }
        after += frame.count
        try frame.withUnsafeBytes(write)
      }
    }
    let keptFrames = frames.count { used.contains($0.key) }
    kept += keptFrames
    removed += frames.count - keptFrames
    if isTrial {
      try copy { _ in }
    } else if keptFrames < frames.count || old.count > 1 {
      try FileSystem.create(temporary, mode: 0o600) { descriptor in
        try copy { try FileSystem.write($0, to: descriptor, name: target) }
      }
      if rename(temporary, target) != 0 { throw SystemFailure.resource("rename", path: target) }
      for path in old { unlink(path) }
    } else {
      after = before
    }
    freedBytes += max(0, before - after)
  }

  /// One file of digests instead of one for each run.
  private func mergeDigests(_ work: String, as run: String) throws {
    let paths = FileSystem.names(in: "\(work)/digests").map { "\(work)/digests/\($0)" }
    if paths.count < 2 { return }
    var lines: Set<String> = []
    for path in paths {
      let text = String(decoding: (try? FileSystem.read(path)) ?? [], as: UTF8.self)
      lines.formUnion(text.split(separator: "\n").map(String.init))
    }
    try FileSystem.replace(
      "\(work)/digests/\(run).tsv", with: lines.sorted().joined(separator: "\n") + "\n")
    for path in paths { unlink(path) }
  }
}
