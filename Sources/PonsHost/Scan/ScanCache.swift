internal import CPons
internal import Glibc
internal import PonsKit

/// Remembers what files said about themselves, so that start-up does not open every plugin. Any damage means that
/// files are scanned again.
struct ScanCache {
  private let path: String?
  private var known: [String: JSON] = [:]
  private var isChanged = false

  /// Faults that only opening the file again can find mended are believed for so many seconds.
  private static let faultLifetime: Int64 = 600
  /// Faults that depend on more than the file, and are cheap to find again.
  private static let volatileFaults: Set<String> = ["NOT_LOADABLE", "NO_WORKER", "UNWILLING"]

  init(folder: String?) {
    path = folder.map { $0 + "/plugins-v2.json" }
    guard let path, let bytes = try? HostFile.read(path, limit: 64 << 20),
      let json = try? JSON(parsing: bytes), json["abi"] == .integer(Int64(PONS_ABI_MINOR))
    else { return }
    known = json["files"]?.object ?? [:]
  }

  /// What tells whether a file is the one that was scanned; nil when it cannot be looked at.
  static func key(of path: String) -> String? {
    var status = stat()
    if stat(path, &status) != 0 { return nil }
    let changed = status.st_ctim
    let written = status.st_mtim
    return "\(status.st_dev):\(status.st_ino):\(status.st_size)"
      + ":\(written.tv_sec).\(written.tv_nsec):\(changed.tv_sec).\(changed.tv_nsec)"
  }

  subscript(key: String) -> PluginScanner.Finding? {
    guard let answer = known[key] else { return nil }
    let finding = ScanAnswer.read(answer)
    if case .failure = finding {
      guard let found = answer["time"]?.integer,
        (found..<found + Self.faultLifetime).contains(Int64(time(nil)))
      else { return nil }
    }
    return finding
  }

  mutating func store(_ finding: PluginScanner.Finding, for key: String) {
    if case .failure(let fault) = finding, Self.volatileFaults.contains(fault.code) { return }
    var answer = ScanAnswer.json(finding).object ?? [:]
    answer["time"] = .integer(Int64(time(nil)))
    known[key] = .object(answer)
    isChanged = true
  }

  /// Writes the cache; when that is impossible, the next start is slower and nothing else.
  func save() {
    guard isChanged, let path else { return }
    var kept = known
    if kept.count > 512 {
      // Nothing says which files are gone for good: the newest answers stay.
      let newest = known.sorted {
        ($0.value["time"]?.integer ?? 0) > ($1.value["time"]?.integer ?? 0)
      }
      kept = Dictionary(
        newest.prefix(256).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    let json: JSON = ["abi": .integer(Int64(PONS_ABI_MINOR)), "files": .object(kept)]
    try? HostFile.replace(path, with: Array(json.canonical.utf8))
  }
}
