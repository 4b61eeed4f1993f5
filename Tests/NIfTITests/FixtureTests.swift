import NIfTI
import PonsKit
import TestFolders
import Testing

/// Everything that nibabel reads, Pons reads with the same voxels and the same affine, to the last bit.
@Suite struct FixtureTests {
  @Test func `all fixtures are there`() { #expect(Fixture.all.count == 77) }

  @Test(arguments: Fixture.all) func `voxels and affine are those of nibabel`(fixture: Fixture)
    throws
  {
    let loaded = try Loaded(fixture.files)
    let expected = fixture.expected
    #expect(loaded.shape == expected["shape"]?.array?.compactMap { $0.integer.map(Int.init) })
    #expect(loaded.type.rawValue == expected["type"]?.string)
    #expect(
      loaded.affine.map(\.bitPattern)
        == expected["affine"]?.array?.map { ($0.number ?? .nan).bitPattern })
    let isEqual = loaded.bytes == Files.hexadecimal(expected["voxels"]?.string ?? "")
    #expect(isEqual)
  }

  @Test(arguments: Fixture.all) func `whether voxels are scaled is said`(fixture: Fixture) throws {
    let image = try ImageFile(fixture.files)
    #expect((image.scaling != nil) == fixture.expected["scaled"]?.bool)
  }

  @Test(arguments: [
    ("type_i2_v1_le.nii", Geometry.Form.sform), ("qform_1_v1.nii", .qform),
    ("both_forms_differ.nii.gz", .sform), ("no_form.nii", .pixdim),
  ])
  func `the form that was used is said`(name: String, form: Geometry.Form) throws {
    let image = try ImageFile(try Fixture.named(name).files)
    #expect(try image.header.geometry().form == form)
  }

  @Test(arguments: [
    ("no_form.nii", ["NO_ORIENTATION"]), ("units_metres.nii", ["UNITS_CONVERTED"]),
    ("units_micrometres.nii", ["UNITS_CONVERTED"]), ("units_unknown.nii", []), ("4d.nii.gz", []),
  ])
  func `what a user should know is said`(name: String, notices: [String]) throws {
    #expect(try Loaded(try Fixture.named(name).files).notices == notices)
  }

  @Test func `a time point is the same as its part of the whole`() throws {
    let files = try Fixture.named("4d.nii.gz").files
    let whole = try Loaded(files)
    let size = whole.bytes.count / 4
    for index in 0..<4 {
      let one = try Loaded(files, .one(index))
      #expect(one.shape == [3, 4, 5])
      #expect(one.bytes == Array(whole.bytes[index * size..<(index + 1) * size]))
    }
    #expect(failure { _ = try Loaded(files, .only) }?.code == "FOUR_DIMENSIONS")
    #expect(failure { _ = try Loaded(files, .only) }?.parameter == "four_d")
    #expect(failure { _ = try Loaded(files, .one(4)) }?.code == "NO_SUCH_VOLUME")
  }

  @Test func `one time point is no fourth dimension`() throws {
    let loaded = try Loaded(try Fixture.named("4d_single.nii.gz").files, .only)
    #expect(loaded.shape == [3, 4, 5])
  }

  /// niftilib, asked for x.nii.gz, reads the voxels of x.nii when there is one.
  @Test func `a sibling x.nii does not get into x.nii.gz`() throws {
    let folder = try TemporaryFolder()
    let good = try Fixture.named("type_i2_v2_le.nii.gz")
    let path = try folder.write(Files.read(good.path), "x.nii.gz")
    try folder.write(Files.read(Fixture.named("type_i2_v1_le.nii").path).map { _ in 7 }, "x.nii")
    #expect(try Loaded(path).bytes == Files.hexadecimal(good.expected["voxels"]?.string ?? ""))
  }

  @Test func `content decides whether a file is gzip`() throws {
    let folder = try TemporaryFolder()
    let plain = try Fixture.named("type_u1_v1_le.nii")
    let packed = try Fixture.named("type_u1_v2_le.nii.gz")
    let a = try folder.write(Files.read(plain.path), "a.nii.gz")
    let b = try folder.write(Files.read(packed.path), "b.nii")
    #expect(try Loaded(a).notices == ["NAME_AND_CONTENT_DIFFER"])
    #expect(try Loaded(b).notices == ["NAME_AND_CONTENT_DIFFER"])
    #expect(try Loaded(b).bytes == Files.hexadecimal(packed.expected["voxels"]?.string ?? ""))
  }
}
