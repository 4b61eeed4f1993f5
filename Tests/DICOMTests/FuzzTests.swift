import DICOM
import Glibc
import PonsKit
import TestFolders
import Testing

/// Random damage: every file is read or refused by name; nothing crashes, hangs or takes much memory.
///
/// PONS_FUZZ_ITERATIONS sets how many files are tried of each series (60 by default).
@Suite struct FuzzTests {
  static let iterations =
    getenv("PONS_FUZZ_ITERATIONS").flatMap { Int(String(cString: $0)) } ?? 60

  /// PONS_FUZZ_SEED gives other files.
  static let seed =
    getenv("PONS_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_240_611

  static func damage(_ bytes: inout [UInt8], from first: Int, _ random: inout SplitMix64) {
    let interesting: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0xe0, 0xd9]
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      guard bytes.count > first else { return }
      let offset = Int.random(in: first..<bytes.count, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[offset] = UInt8.random(in: 0...255, using: &random)
      case 1, 2: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 3:
        let value = interesting[Int.random(in: 0..<interesting.count, using: &random)]
        let count = Int.random(in: 1...12, using: &random)
        for index in offset..<min(bytes.count, offset + count) { bytes[index] = value }
      case 4: bytes.removeLast(min(bytes.count - first, Int.random(in: 0...64, using: &random)))
      case 5:
        bytes.insert(contentsOf: bytes.suffix(Int.random(in: 0...32, using: &random)), at: offset)
      default:
        bytes.removeSubrange(
          offset..<min(bytes.count, offset + Int.random(in: 0...16, using: &random)))
      }
    }
  }

  /// Reads a folder; says whether there was a volume.
  private static func exercise(_ folder: TemporaryFolder) -> Bool {
    do {
      let outcome = try Outcome(folder.path, threads: 1)
      for failure in outcome.refusals where failure.code.isEmpty || failure.category == .internal {
        Issue.record("an error without a name: \(failure)")
      }
      return !outcome.volumes.isEmpty
    } catch {
      Issue.record("\(error)")
      return false
    }
  }

  /// Damage anywhere in the file.
  @Test(arguments: Fixtures.names) func `damaged files`(name: String) throws {
    let files = try Fixtures.files(name)
    let folder = try TemporaryFolder()
    try folder.write(files)
    var random = SplitMix64(seed: Self.seed &+ UInt64(name.utf8.reduce(0) { $0 + Int($1) }))
    for _ in 0..<Self.iterations {
      var bytes = files[0]
      Self.damage(&bytes, from: 0, &random)
      try folder.write(bytes, "im001.dcm")
      _ = Self.exercise(folder)
    }
  }

  /// Damage that only the decoders see: of the codestream, in a file whose elements are sound.
  @Test(arguments: [
    "jpeg_baseline", "jpeg_extended", "jpeg_spectral", "jpeg_progressive", "jpeg_lossless",
    "jpeg_lossless_14", "jpeg_ls", "jpeg_ls_near", "rle", "rle_8", "j2k", "j2k_signed", "j2k_lossy",
  ])
  func `damaged codestreams`(name: String) throws {
    let files = try Fixtures.files(name)
    let folder = try TemporaryFolder()
    let frame = try #require(Encapsulated(files[0]))
    var random = SplitMix64(seed: Self.seed)
    var accepted = 0
    for _ in 0..<3 * Self.iterations {
      var stream = frame.stream
      // Half of the time the markers in front stay as they are.
      Self.damage(&stream, from: Bool.random(using: &random) ? 0 : 120, &random)
      try folder.write(frame.file(with: stream), "x.dcm")
      if Self.exercise(folder) { accepted += 1 }
    }
    #expect(accepted < 3 * Self.iterations)
  }
}
