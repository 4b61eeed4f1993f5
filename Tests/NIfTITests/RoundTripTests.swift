import Glibc
import NIfTI
import PonsKit
import TestFolders
import Testing

/// What was read and written again is the same file, as far as the image goes.
///
/// With PONS_NIFTI_ROUND_TRIP set to a folder, the written files stay there, for check_round_trip.py to compare with nibabel.
@Suite struct RoundTripTests {
  private struct Written {
    var path: String
    var image: ImageFile
    var loaded: Loaded
  }

  /// Reads, passes header facts on as JSON text like an edge does, and writes.
  private func copy(
    _ files: ImageFiles, _ folder: TemporaryFolder, format: ImageWriter.Format, name: String
  ) throws -> Written {
    let image = try ImageFile(files)
    let geometry = try image.header.geometry()
    let loaded = try Loaded(files)
    let facts = try JSON(parsing: image.header.facts(form: geometry.form).canonical)
    let text = try JSON(
      parsing: image.header.privateFacts(extensions: image.extensions).canonical)
    let writer = try ImageWriter(
      type: loaded.type, shape: loaded.shape, affine: loaded.affine, facts: facts,
      privateFacts: text)
    let kept = getenv("PONS_NIFTI_ROUND_TRIP").map { String(cString: $0) + "/" }
    let path = (kept ?? folder.path) + name + "." + format.rawValue
    try loaded.bytes.withUnsafeBytes { try writer.write($0, to: path, format: format) }
    let files = ImageFiles(header: path)
    return Written(path: path, image: try ImageFile(files), loaded: try Loaded(files))
  }

  @Test(arguments: Fixture.all) func `geometry, voxels and extensions are kept`(fixture: Fixture)
    throws
  {
    let folder = try TemporaryFolder()
    let before = try ImageFile(fixture.files)
    for format in [ImageWriter.Format.nii, .niiGz] {
      let after = try copy(fixture.files, folder, format: format, name: fixture.name)
      let isEqual = try after.loaded.bytes == Loaded(fixture.files).bytes
      #expect(isEqual)
      var expected = before.header
      // What a file of its own may not keep: how it is stored.
      expected.isBigEndian = false
      expected.isSingleFile = true
      expected.voxelOffset = after.image.header.voxelOffset
      expected.slope = 1
      expected.intercept = 0
      expected.datatype = after.image.header.datatype
      expected.bitpix = after.image.header.bitpix
      if before.scaling == nil { #expect(before.header.datatype == after.image.header.datatype) }
      #expect(after.image.header == expected)
      #expect(after.image.extensions == before.extensions)
    }
  }

  @Test func `extensions and text are there to be kept`() throws {
    let image = try ImageFile(try Fixture.named("extensions_be.nii").files)
    #expect(image.extensions.map(\.code) == [6, 44])
    #expect(image.extensions.first?.data.prefix(9) == Array("a comment".utf8)[...])
    #expect(image.extensions.last?.data.prefix(40) == Array(0..<40)[...])
    #expect(image.header.description == Array("made up, no patient".utf8))
  }

  /// What is in front of the voxels is stored in blocks of 65535 bytes.
  @Test(arguments: [65_000, 65_535 - 352 - 8, 65_536, 200_000])
  func `long extensions are kept in compressed files`(size: Int) throws {
    let folder = try TemporaryFolder()
    let source = try Loaded(try Fixture.named("extensions.nii.gz").files)
    let image = try ImageFile(try Fixture.named("extensions.nii.gz").files)
    let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 7) }
    let long = HeaderExtension(code: 44, data: data)
    let writer = try ImageWriter(
      type: source.type, shape: source.shape, affine: source.affine,
      facts: image.header.facts(form: try image.header.geometry().form),
      privateFacts: image.header.privateFacts(extensions: [long]))
    let path = folder.path + "long.nii.gz"
    try source.bytes.withUnsafeBytes { try writer.write($0, to: path, format: .niiGz) }
    let files = ImageFiles(header: path)
    #expect(try ImageFile(files).extensions.first?.data.prefix(size) == data[...])
    #expect(try Loaded(files).bytes == source.bytes)
  }

  @Test func `free text stays out of the metadata`() throws {
    let image = try ImageFile(try Fixture.named("extensions.nii.gz").files)
    let facts = image.header.facts(form: .sform).canonical
    for text in [image.header.description, image.header.auxiliaryFile, image.header.intentName] {
      #expect(!text.isEmpty)
      #expect(!facts.contains(String(decoding: text, as: UTF8.self)))
    }
  }

  @Test func `equal voxels give an equal file, whatever the time`() throws {
    let folder = try TemporaryFolder()
    let files = try Fixture.named("4d.nii.gz").files
    let first = try Files.read(copy(files, folder, format: .niiGz, name: "a").path)
    let second = try Files.read(copy(files, folder, format: .niiGz, name: "b").path)
    #expect(first == second)
    // No time, no name (RFC 1952).
    #expect(Array(first[3..<8]) == [0, 0, 0, 0, 0])
  }

  @Test func `a changed affine replaces the header's geometry`() throws {
    let fixture = try Fixture.named("both_forms_differ.nii.gz")
    let image = try ImageFile(fixture.files)
    let facts = try image.header.facts(form: image.header.geometry().form)
    let moved: [Double] = [0, 0, 2, 10, -1.5, 0, 0, 20, 0, 1, 0, 30, 0, 0, 0, 1]
    let writer = try ImageWriter(type: .int16, shape: [3, 4, 5], affine: moved, facts: facts)
    #expect(try writer.header.geometry().affine == moved)
    #expect(writer.header.qformCode == 1)
    let matrix = try #require(writer.header.qformMatrix)
    for (a, b) in zip(matrix, moved) { #expect(abs(a - b) < 1e-5) }
    #expect(writer.header.pixdim.prefix(4) == [1, 1.5, 1, 2] || writer.header.pixdim[1] == 1.5)
  }

  @Test func `a shear has no qform`() throws {
    let sheared: [Double] = [1, 0.2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    let writer = try ImageWriter(type: .uint8, shape: [1, 1, 1], affine: sheared)
    #expect(writer.header.qformCode == 0)
    #expect(writer.header.sformCode == 1)
    #expect(writer.header.sform == sheared.prefix(12).map { Double(Float($0)) })
  }

  @Test(arguments: [ElementType.bool, .float16, .bfloat16])
  func `types that NIfTI lacks become the next larger`(type: ElementType) throws {
    let folder = try TemporaryFolder()
    let unit: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    let writer = try ImageWriter(type: type, shape: [1, 1, 2], affine: unit)
    let input: [UInt8] =
      switch type {
      case .bool: [1, 0]
      case .float16: [0x00, 0x3e, 0x01, 0x00]
      default: [0xc0, 0x3f, 0x80, 0xff]
      }
    let path = folder.path + "x.nii"
    try input.withUnsafeBytes { try writer.write($0, to: path, format: .nii) }
    let loaded = try Loaded(path)
    if type == .bool {
      #expect(loaded.type == .uint8 && loaded.bytes == [1, 0])
    } else {
      let values = loaded.bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      #expect(values == (type == .float16 ? [1.5, 0x1p-24] : [1.5, -.infinity]))
    }
  }

  @Test func `a large grid becomes NIfTI-2`() throws {
    let unit: [Double] = [0.1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    let writer = try ImageWriter(type: .uint8, shape: [1, 1, 40_000], affine: unit)
    #expect(writer.header.version == 2)
    #expect(try writer.header.geometry().affine == unit)
  }

  @Test(arguments: [[], [3], [2, 3], [1, 2, 3, 4, 5], [0, 2, 2]] as [[Int]])
  func `other shapes are refused`(shape: [Int]) {
    let unit: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    let found = failure { _ = try ImageWriter(type: .uint8, shape: shape, affine: unit) }
    #expect(found?.code == "UNSUPPORTED_SHAPE")
  }
}
