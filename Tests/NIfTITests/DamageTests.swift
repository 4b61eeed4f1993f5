import Glibc
import NIfTI
import PonsKit
import TestFolders
import Testing

/// Damaged files are refused, and the reason is named.
@Suite struct DamageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func code(_ bytes: [UInt8], _ name: String = "x.nii") -> String? {
    failure {
      let path = try folder.write(bytes, name)
      _ = try Loaded(path)
    }?.code
  }

  private func changed(_ fixture: String, _ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
    var bytes = try Files.read(Fixture.named(fixture).path)
    change(&bytes)
    return bytes
  }

  @Test func `a file cut anywhere is refused`() throws {
    let plain = try Files.read(Fixture.named("type_i2_v1_le.nii").path)
    for count in 0..<plain.count {
      let expected = count == 0 ? "EMPTY" : count < 4 ? "NOT_NIFTI" : "TRUNCATED"
      #expect(code(Array(plain.prefix(count))) == expected, "\(count) bytes")
    }
    let second = try Files.read(Fixture.named("type_i2_v2_be.nii").path)
    for count in 4..<second.count {
      #expect(code(Array(second.prefix(count))) == "TRUNCATED", "\(count) bytes")
    }
  }

  @Test func `a gzip file cut anywhere is refused`() throws {
    let packed = try Files.read(Fixture.named("type_i2_v2_le.nii.gz").path)
    for count in 2..<packed.count {
      #expect(code(Array(packed.prefix(count)), "x.nii.gz") == "TRUNCATED", "\(count) bytes")
    }
  }

  @Test(arguments: ["pair.img", "pair.hdr"]) func `a cut pair is refused`(name: String) throws {
    for file in ["pair.hdr", "pair.img"] {
      var bytes = try Files.read(Fixture.folder + file)
      if file == name { bytes.removeLast(5) }
      try folder.write(bytes, file)
    }
    // The four bytes behind the header may be missing: nothing depends on them.
    let expected = name == "pair.img" ? "TRUNCATED" : "TRUNCATED"
    let files = ImageFiles(header: folder.path + "pair.hdr", voxels: folder.path + "pair.img")
    #expect(failure { _ = try Loaded(files) }?.code == expected)
  }

  @Test func `a missing half of a pair is named`() throws {
    try folder.write(Files.read(Fixture.folder + "pair.hdr"), "pair.hdr")
    let files = ImageFiles(header: folder.path + "pair.hdr", voxels: folder.path + "pair.img")
    #expect(failure { _ = try Loaded(files) }?.code == "UNREADABLE")
    #expect(failure { _ = try Loaded(folder.path + "pair.hdr") }?.code == "BAD_MAGIC")
  }

  /// Byte offsets are those of nifti1.h.
  @Test(
    arguments: [
      ("BAD_MAGIC", 344, [0x78]), ("BAD_MAGIC", 344, [0, 0, 0, 0]), ("NOT_NIFTI", 0, [0x5d]),
      ("BAD_DIMENSIONS", 40, [0, 0]), ("BAD_DIMENSIONS", 40, [8, 0]),
      ("BAD_DIMENSIONS", 40, [0xff, 0xff]), ("BAD_DIMENSIONS", 42, [0, 0]),
      ("BAD_DIMENSIONS", 44, [0xfe, 0xff]),
      ("TRUNCATED", 42, [0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f]),
      ("UNSUPPORTED_VOXEL_TYPE", 70, [0, 0]), ("UNSUPPORTED_VOXEL_TYPE", 70, [1, 0]),
      ("UNSUPPORTED_VOXEL_TYPE", 70, [32, 0]), ("UNSUPPORTED_VOXEL_TYPE", 70, [128, 0]),
      ("UNSUPPORTED_VOXEL_TYPE", 70, [0, 6]), ("UNSUPPORTED_VOXEL_TYPE", 70, [0, 9]),
      ("UNSUPPORTED_VOXEL_TYPE", 70, [3, 0]), ("BAD_BITPIX", 72, [8, 0]),
      ("BAD_BITPIX", 72, [0, 0]),
      ("BAD_OFFSET", 108, [0, 0, 0, 0]), ("BAD_OFFSET", 108, [0, 0, 0x80, 0xbf]),
      ("BAD_OFFSET", 108, [0, 0, 0xc0, 0x7f]), ("BAD_OFFSET", 108, [0, 0x20, 0xb0, 0x43]),
      ("BAD_OFFSET", 108, [0, 0, 0x80, 0x7f]), ("TRUNCATED", 108, [0, 0, 0x80, 0x4b]),
      ("BAD_SCALING", 112, [0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f]),
      ("BAD_GEOMETRY", 280, [0, 0, 0xc0, 0x7f]),
      ("BAD_GEOMETRY", 280, [UInt8](repeating: 0, count: 48)),
    ] as [(String, Int, [UInt8])])
  func `a bad field is named`(expected: String, offset: Int, value: [UInt8]) throws {
    let bytes = try changed("type_i2_v1_le.nii") {
      $0.replaceSubrange(offset..<offset + value.count, with: value)
    }
    #expect(code(bytes) == expected)
  }

  @Test func `the largest dimensions of NIfTI-2 overflow nothing`() throws {
    for extent: [UInt8] in [
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0, 1, 0, 0, 0],
    ] {
      let bytes = try changed("type_f8_v2_le.nii.gz") { _ in }
      let plain = try inflated(bytes)
      var changed = plain
      for dimension in 1...3 {
        changed.replaceSubrange(16 + 8 * dimension..<24 + 8 * dimension, with: extent)
      }
      #expect(code(changed) == "BAD_DIMENSIONS")
    }
  }

  private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
    let stream = try ByteStream(path: folder.write(bytes, "inflate.gz"))
    var plain = [UInt8](repeating: 0, count: 1 << 16)
    let count = try plain.withUnsafeMutableBytes { try stream.readSome(into: $0) }
    return Array(plain.prefix(count))
  }

  @Test func `a small file that promises terabytes is refused before memory is taken`() throws {
    let plain = try inflated(Files.read(Fixture.named("type_f8_v2_le.nii.gz").path))
    var huge = plain
    huge.replaceSubrange(24..<32, with: [0, 0, 0, 0, 0, 1, 0, 0])
    #expect(code(huge) == "TRUNCATED")
    #expect(code(stored(huge), "x.nii.gz") == "TRUNCATED")
  }

  /// gzip without compression, made here, so that the bytes are known.
  private func stored(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1]
    let count = UInt16(bytes.count)
    for value in [count, ~count] { packed += [UInt8(value & 255), UInt8(value >> 8)] }
    return packed + bytes + [0, 0, 0, 0, 0, 0, 0, 0]
  }

  @Test func `a wrong checksum or length of a gzip file is found`() throws {
    let packed = try Files.read(Fixture.named("type_i2_v2_le.nii.gz").path)
    for offset in packed.count - 8..<packed.count {
      var bytes = packed
      bytes[offset] ^= 0x40
      #expect(code(bytes, "x.nii.gz") == "BAD_CHECKSUM", "byte \(offset)")
    }
  }

  @Test func `a changed byte of compressed data is found, or changes nothing`() throws {
    let fixture = try Fixture.named("type_i2_v2_le.nii.gz")
    let packed = try Files.read(fixture.path)
    let whole = try Loaded(fixture.path)
    var found = 0
    // Bytes 4 to 9 of a gzip header are its time, flags of the compressor, and system: nothing depends on them.
    for offset in 10..<packed.count {
      for bit: UInt8 in 0..<8 {
        var bytes = packed
        bytes[offset] ^= 1 << bit
        let path = try folder.write(bytes, "x.nii.gz")
        // The header is full of zeros: a reference to other zeros is a change that makes no difference.
        guard let loaded = try? Loaded(path) else {
          found += 1
          continue
        }
        let isEqual = loaded == whole
        #expect(isEqual, "byte \(offset), bit \(bit)")
      }
    }
    #expect(found > 8 * (packed.count - 20))
  }

  @Test func `what follows the gzip data is looked at`() throws {
    let fixture = try Fixture.named("type_i2_v2_le.nii.gz")
    let packed = try Files.read(fixture.path)
    #expect(code(packed + [0, 0, 0], "x.nii.gz") == nil, "zeros fill up a block")
    #expect(code(packed + [1], "x.nii.gz") == "TRAILING_BYTES")
    #expect(code(packed + [0, 0, 1], "x.nii.gz") == "TRAILING_BYTES")
    #expect(code(packed + [0x1f, 0x8b, 8], "x.nii.gz") == "TRUNCATED")
    #expect(code(packed + [0x1f, 0x8c, 8, 0, 0, 0, 0, 0, 0, 0, 0], "x.nii.gz") == "BAD_GZIP")
  }

  @Test func `members that follow each other are one file`() throws {
    let fixture = try Fixture.named("type_i2_v2_le.nii.gz")
    let plain = try inflated(Files.read(fixture.path))
    for cut in [1, 348, 500, plain.count - 1] {
      let halves = try [plain[..<cut], plain[cut...]].map { half -> [UInt8] in
        let writer = try folder.write([], "half.gz")
        try gzip(Array(half), writer)
        return try Files.read(writer)
      }
      let path = try folder.write(halves[0] + halves[1], "x.nii.gz")
      #expect(try Loaded(path).bytes == Files.hexadecimal(fixture.expected["voxels"]?.string ?? ""))
    }
  }

  private func gzip(_ bytes: [UInt8], _ path: String) throws {
    try bytes.withUnsafeBytes { try GzipFile.write($0, to: path, level: 6) }
  }

  /// ISA-L holds up to eight bytes that it has taken from the input. Where the input ends in pieces, they must not get lost.
  @Test(arguments: [UInt64(256), 64])
  func `the end of a file may lie at the end of a piece`(symbols: UInt64) throws {
    var state: UInt64 = 9
    let noise = (0..<400_000).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: (state >> 40) % symbols)
    }
    let piece = 128 << 10
    // The length at which the file is as long as a piece, by bisection.
    let path = folder.path + "edge.gz"
    func length(_ count: Int) throws -> Int {
      try gzip(Array(noise.prefix(count)), path)
      return try Files.read(path).count
    }
    var low = 1000
    var high = noise.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if try length(middle) > piece { high = middle } else { low = middle }
    }
    var seen: Set<Int> = []
    for count in low - 20..<low + 20 {
      seen.insert(try length(count) - piece)
      for last in [0, 3, 8] {
        // Small reads make ISA-L stop with bytes in its register.
        let stream = try ByteStream(path: path)
        var bytes = try stream.bytes(count - last)
        for _ in 0..<last { bytes += try stream.bytes(1) }
        try stream.finish()
        let isEqual = bytes[...] == noise.prefix(count)
        #expect(isEqual, "\(count) bytes, the last \(last) one by one")
      }
      var damaged = try Files.read(path)
      damaged[damaged.count - 1] ^= 1
      try Files.write(damaged, path)
      let found = failure {
        let stream = try ByteStream(path: path)
        _ = try stream.bytes(count)
        try stream.finish()
      }
      #expect(found?.code == "BAD_CHECKSUM", "\(count) bytes")
    }
    #expect(seen.isSuperset(of: -9...9))
  }

  @Test func `pipes and folders are no files`() throws {
    let pipe = folder.path + "pipe.nii"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(failure { _ = try Loaded(pipe) }?.code == "UNREADABLE")
    #expect(failure { _ = try Loaded(folder.path) }?.code == "UNREADABLE")
    #expect(failure { _ = try Loaded(folder.path + "nothing.nii") }?.code == "UNREADABLE")
  }

  @Test func `no message holds a path`() throws {
    let secret = try folder.write([1, 2, 3, 4, 5], "Doe_John.nii")
    let found = try #require(failure { _ = try Loaded(secret) })
    #expect(!found.message.contains("Doe") && !found.hint.contains("Doe"))
    #expect(!found.message.contains("/tmp") && !found.hint.contains("/tmp"))
  }
}
