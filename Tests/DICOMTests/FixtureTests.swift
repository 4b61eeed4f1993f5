import DICOM
import PonsKit
import Testing

/// Every transfer syntax, every kind of pixels, against what went into the files.
@Suite struct FixtureTests {
  @Test func `there are fixtures`() { #expect(Fixtures.names.count >= 40) }

  private static let lossy = [
    "jpeg_baseline", "jpeg_extended", "jpeg_spectral", "jpeg_progressive",
  ]

  @Test(arguments: Fixtures.names)
  func `gives the voxels and the affine`(name: String) throws {
    let outcome = try Outcome(Fixtures.folder + name)
    #expect(outcome.refusals.isEmpty)
    let expected = try #require(Fixtures.all[name])
    #expect(outcome.volumes.count == expected.count)
    for (volume, truth) in zip(outcome.volumes, expected) {
      #expect(volume.shape == truth.shape)
      // Voxels that are not whole are rounded to float32 once, here and there. Decoders of lossy JPEG may differ by one: the
      // standard leaves the cosine transform to them.
      let isLossy = Self.lossy.contains(name)
      let isEqual = zip(volume.voxels, truth.voxels).allSatisfy {
        $0 == $1 || volume.type == .float32 && Float($0) == Float($1)
          || isLossy && abs($0 - $1) <= 1
      }
      #expect(isEqual && volume.voxels.count == truth.voxels.count)
      // Headers have eight digits.
      #expect(zip(volume.affine, truth.affine).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test(arguments: [
    ("bits_u1", ElementType.uint8), ("bits_i1", .int8), ("explicit", .int16), ("implicit", .int16),
    ("bits_u4", .uint32), ("bits_i4", .int32), ("hounsfield", .int16), ("activity", .float32),
    ("enhanced_slopes", .float32), ("float", .float32), ("double", .float64), ("rle", .uint16),
    ("overlay_bits", .int16), ("high_bit", .int16),
  ])
  func `the type is the smallest that holds every value`(name: String, type: ElementType) throws {
    let volume = try #require(try Outcome(Fixtures.folder + name).volumes.first)
    #expect(volume.type == type)
  }

  @Test(arguments: ["explicit", "j2k", "rle", "enhanced", "frames_90_table"])
  func `threads make no difference`(name: String) throws {
    let one = try Outcome(Fixtures.folder + name, threads: 1).volumes
    let four = try Outcome(Fixtures.folder + name, threads: 4).volumes
    #expect(one.map(\.voxels) == four.map(\.voxels))
    #expect(one.map(\.name) == four.map(\.name))
  }

  @Test func `a folder of everything gives every volume`() throws {
    let outcome = try Outcome(Fixtures.folder)
    #expect(outcome.volumes.count == Fixtures.all.values.reduce(0) { $0 + $1.count })
    #expect(outcome.refusals.isEmpty)
    #expect(outcome.skipped.keys.sorted() == ["TEXT_FILE"])
  }

  @Test func `a gantry tilt is told`() throws {
    let volume = try #require(try Outcome(Fixtures.folder + "tilted").volumes.first)
    #expect(volume.notices == ["TILTED"])
    // atan(0.8 / 2.5)
    #expect(abs((volume.plan.geometry?.tilt ?? 0) - 17.744671625) < 1e-6)
  }
}
