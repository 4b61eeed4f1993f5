internal import CPons
internal import Glibc
internal import PonsEngine
internal import PonsKit

/// Remembers what files said about themselves, so that start-up does not open every plugin. Any damage means that
/// files are scanned again.
///
/// A line a file: key, time of the scan, answer, between tabs. An answer is looked at only when it is asked for: the cache has
/// those of every build and version that ran in the last months.
struct ScanCache {
  private struct Line {
    var time: Int64
    var answer: ArraySlice<UInt8>
  }
  private let path: String?
  private var known: [String: Line]
  private var added: [String: Line] = [:]

  private static let header = "pons plugins 3"
  /// Faults that only opening the file again can find mended are believed for so many seconds.
  private static let faultLifetime: Int64 = 600
  /// Faults that depend on more than the file, and are cheap to find again.
  private static let volatileFaults: Set<String> = [
    "NOT_LOADABLE", "NO_WORKER", "UNWILLING", PluginFault.notAllowed,
  ]

  init(folder: String?) {
    path = folder.map { $0 + "/plugins-v3" }
    known = path.map(Self.read) ?? [:]
  }

  private static func read(_ path: String) -> [String: Line] {
    guard let bytes = try? HostFile.read(path, limit: 64 << 20) else { return [:] }
    var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
    guard lines.popFirst().map({ $0.elementsEqual(header.utf8) }) == true else { return [:] }
    var known: [String: Line] = [:]
    for line in lines {
      let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 2)
      guard fields.count == 3, let time = Int64(String(decoding: fields[1], as: UTF8.self)) else {
        continue
      }
      known[String(decoding: fields[0], as: UTF8.self)] = Line(time: time, answer: fields[2])
    }
    return known
  }

  /// What tells whether a file is the one that was scanned; nil when it cannot be looked at.
  static func key(of path: String) -> String? {
    if ProgramPlugin.isDescription(path) {
      // A program is more than one file, and a description of another one may be added.
      let keys = ProgramPlugin.files(path).map { keyOfFile($0) ?? "" }
      guard let first = keyOfFile(path), var hash = Optional(SHA256()) else { return nil }
      for key in keys { hash.update(field: key) }
      return (try? hash.finish()).map { "\(first):\($0)" }
    }
    return keyOfFile(path)
  }

  private static func keyOfFile(_ path: String) -> String? {
    var status = stat()
    if stat(path, &status) != 0 { return nil }
    let changed = status.st_ctim
    let written = status.st_mtim
    // Another version of the program asks for other things; each keeps its own answers.
    return "\(PONS_ABI_MINOR):\(status.st_dev):\(status.st_ino):\(status.st_size)"
      + ":\(written.tv_sec).\(written.tv_nsec):\(changed.tv_sec).\(changed.tv_nsec)"
  }

  subscript(key: String) -> PluginScanner.Finding? {
    guard let line = known[key], let answer = try? JSON(parsing: Array(line.answer)) else {
      return nil
    }
    let finding = ScanAnswer.read(answer)
    if case .failure = finding {
      guard (line.time..<line.time + Self.faultLifetime).contains(Int64(time(nil))) else {
        return nil
      }
    }
    return finding
  }

  mutating func store(_ finding: PluginScanner.Finding, for key: String) {
    if case .failure(let fault) = finding, Self.volatileFaults.contains(fault.code) { return }
    let answer = Array(ScanAnswer.json(finding).canonical.utf8)
    added[key] = Line(time: Int64(time(nil)), answer: answer[...])
  }

  /// Writes the cache; when that is impossible, the next start is slower and nothing else.
  func save() {
    guard !added.isEmpty, let path else { return }
    // Another program may have added something meanwhile.
    var kept = Self.read(path).merging(added) { $1 }.sorted {
      ($0.value.time, $0.key) > ($1.value.time, $1.key)
    }
    // Nothing says which files are gone for good: the newest answers stay.
    if kept.count > 512 { kept.removeLast(kept.count - 256) }
    var bytes = Array("\(Self.header)\n".utf8)
    for (key, line) in kept {
      bytes += Array("\(key)\t\(line.time)\t".utf8) + line.answer + [UInt8(ascii: "\n")]
    }
    try? HostFile.replace(path, with: bytes)
  }
}
