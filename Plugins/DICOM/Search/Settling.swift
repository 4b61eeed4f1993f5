internal import Glibc
internal import PonsFiles
internal import PonsKit

/// Waits until a folder stops changing: an archive that is still sending leaves half of a series there.
package struct Settling {
  let path: String
  /// Seconds without change.
  let quiet: Double

  /// Waits for a path.
  package init(path: String, quiet: Double) {
    self.path = path
    self.quiet = quiet
  }

  /// Returns when nothing was added or changed for as long as is asked.
  ///
  /// - Parameter pause: called about once a second with the seconds that are left; what it throws ends the waiting.
  package func wait(_ pause: (Double) throws -> Void) throws {
    if quiet <= 0 { return }
    var last = try snapshot()
    // A file may carry the time at which it was made elsewhere, so the clock runs from the last change that was seen.
    // The clock of a file server may be ahead; that must not make the waiting longer.
    var since = min(max(last.latest, Double(time(nil)) - quiet), Double(time(nil)))
    while true {
      let left = since + quiet - Double(time(nil))
      if left <= 0 { return }
      try pause(left)
      usleep(UInt32(min(1, max(0.05, left)) * 1_000_000))
      let now = try snapshot()
      if now != last {
        last = now
        since = Double(time(nil))
      }
    }
  }

  private struct Snapshot: Equatable {
    var count = 0
    var bytes = 0
    var latest = 0.0
  }

  private func snapshot() throws -> Snapshot {
    var snapshot = Snapshot()
    for file in try FileList(path).files {
      var status = stat()
      guard stat(file.path, &status) == 0 else { continue }
      snapshot.count += 1
      snapshot.bytes += Int(status.st_size)
      snapshot.latest = max(snapshot.latest, Double(status.st_ctim.tv_sec))
    }
    return snapshot
  }
}
