import DICOM
import Glibc
import PonsKit
import TestFolders
import Testing

/// Waiting for a folder. What is asked is the order of things, never how long they took.
@Suite struct SettlingTests {
  @Test func `nothing is asked of a folder that need not settle`() throws {
    try Settling(path: "/not/there", quiet: 0).wait { _ in Issue.record("waited") }
  }

  @Test func `what the pause throws ends the waiting`() throws {
    let folder = try TemporaryFolder()
    try folder.write(MadeSlice(0).data.file, "x.dcm")
    struct Enough: Error {}
    #expect(throws: Enough.self) {
      try Settling(path: folder.path, quiet: 3600).wait { left in
        #expect(left > 3000 && left <= 3601)
        throw Enough()
      }
    }
  }

  @Test func `a file that comes in begins the waiting anew`() throws {
    let folder = try TemporaryFolder()
    try folder.write(MadeSlice(0).data.file, "1.dcm")
    var pauses: [Double] = []
    try Settling(path: folder.path, quiet: 2).wait { left in
      pauses.append(left)
      if pauses.count == 2 { try folder.write(MadeSlice(1).data.file, "2.dcm") }
    }
    // After the second pause there is as much left as at the beginning, within the second that the clock has.
    #expect(pauses.count >= 4 && pauses[2] >= 1)
  }

  @Test(arguments: [
    ("90s", 90.0), ("10m", 600), ("1h", 3600), ("0s", 0), ("5", 5), ("1.5m", 90),
  ])
  func `durations`(text: String, seconds: Double) {
    #expect(WrittenDuration(text)?.seconds == seconds)
  }

  @Test(arguments: ["", "s", "ten", "-5s", "1d", "inf", "nan", "1e400"])
  func `what is no duration`(text: String) { #expect(WrittenDuration(text) == nil) }
}
