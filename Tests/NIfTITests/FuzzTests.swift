import Glibc
import NIfTI
import PonsKit
import TestFolders
import Testing

/// Random damage: every file is read or refused by name; nothing crashes, hangs or takes much memory.
///
/// PONS_FUZZ_ITERATIONS sets how many files are tried (400 each by default).
@Suite struct FuzzTests {
  private static let iterations =
    getenv("PONS_FUZZ_ITERATIONS").flatMap { Int(String(cString: $0)) } ?? 400

  private static func damage(_ bytes: inout [UInt8], header: Int, _ random: inout SplitMix64) {
    let interesting: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x1f, 0x8b]
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard !bytes.isEmpty else { return }
      let limit = Bool.random(using: &random) ? min(header, bytes.count) : bytes.count
      let offset = Int.random(in: 0..<limit, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[offset] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2:
        let value = interesting[Int.random(in: 0..<interesting.count, using: &random)]
        for index in offset..<min(bytes.count, offset + 8) { bytes[index] = value }
      case 3: bytes.removeLast(min(bytes.count, Int.random(in: 0...64, using: &random)))
      case 4:
        bytes.insert(contentsOf: bytes.suffix(Int.random(in: 0...32, using: &random)), at: offset)
      default:
        bytes.removeSubrange(
          offset..<min(bytes.count, offset + Int.random(in: 0...16, using: &random)))
      }
    }
  }

  /// Reads a file like nifti.read, and writes what it holds like nifti.write.
  private static func exercise(_ path: String, _ folder: TemporaryFolder) -> Bool {
    do {
      let image = try ImageFile(ImageFiles(header: path))
      let geometry = try image.header.geometry()
      let shape = try image.shape(.all)
      // Memory is taken only for what the file can hold.
      let count = shape.reduce(try image.elementType.size, *)
      if count > 64 << 20 { Issue.record("a file of a few kilobytes asks for \(count) bytes") }
      let loaded = try Loaded(path)
      let facts = try JSON(parsing: image.header.facts(form: geometry.form).canonical)
      let text = image.header.privateFacts(extensions: image.extensions)
      let writer = try ImageWriter(
        type: loaded.type, shape: loaded.shape, affine: loaded.affine, facts: facts,
        privateFacts: text)
      let written = folder.path + "written.nii"
      try loaded.bytes.withUnsafeBytes { try writer.write($0, to: written, format: .nii) }
      let again = try Loaded(written)
      if again.bytes != loaded.bytes || again.affine != loaded.affine {
        Issue.record("what was read was not written")
      }
      return true
    } catch let failure as StageFailure {
      if failure.code.isEmpty || failure.category == .internal {
        Issue.record("an error without a name: \(failure)")
      }
      return false
    } catch {
      Issue.record("an error of another type: \(error)")
      return false
    }
  }

  @Test(arguments: [
    "type_i2_v1_le.nii", "extensions_be.nii", "type_f8_v2_be.nii", "qform_1_v2.nii",
  ])
  func `damaged headers`(name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try Files.read(Fixture.named(name).path)
    var random = SplitMix64(seed: 20_240_611)
    var accepted = 0
    for _ in 0..<Self.iterations {
      var bytes = whole
      Self.damage(&bytes, header: 544, &random)
      if Self.exercise(try folder.write(bytes, "x.nii"), folder) { accepted += 1 }
    }
    #expect(
      accepted > 0 && accepted < Self.iterations, "\(accepted) of \(Self.iterations) were read")
  }

  @Test(arguments: ["type_i2_v2_le.nii.gz", "4d.nii.gz", "extensions.nii.gz"])
  func `damaged gzip files`(name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try Files.read(Fixture.named(name).path)
    var random = SplitMix64(seed: 77)
    for _ in 0..<Self.iterations {
      var bytes = whole
      Self.damage(&bytes, header: 20, &random)
      _ = Self.exercise(try folder.write(bytes, "x.nii.gz"), folder)
    }
  }

  /// The damage is inside, and the checksum is right: what a malicious file would look like.
  @Test(arguments: ["type_i2_v1_le.nii", "type_u8_v2_be.nii"])
  func `damaged headers in sound gzip files`(name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try Files.read(Fixture.named(name).path)
    var random = SplitMix64(seed: 3)
    for _ in 0..<Self.iterations {
      var bytes = whole
      Self.damage(&bytes, header: 544, &random)
      let path = folder.path + "x.nii.gz"
      try bytes.withUnsafeBytes { try GzipFile.write($0, to: path, level: 1) }
      _ = Self.exercise(path, folder)
    }
  }
}
