import Glibc
import PonsEngine
import PonsHost
import PonsImaging
import PonsKit
import StageHarness
import Testing

/// What a file that was read, preprocessed and written says of itself.
@Suite struct NIfTIChainTests {
  private let preprocess: PluginUnderTest
  private let nifti: PluginUnderTest
  init() throws {
    preprocess = try PluginUnderTest("preprocess")
    nifti = try PluginUnderTest("nifti")
  }

  /// Writes a volume as a file and reads it again; the file is gone afterwards.
  private func throughFile(_ packet: Packet) throws -> Packet {
    let call = try nifti.stage("nifti.write", ["format": "nii"]).process(["volume": packet])
    let path = try call.scratch() + "/volume.nii"
    let reader = try nifti.stage("nifti.read", ["path": .string(path), "keys": "name"])
    return try reader.read(try #require(try reader.cases().first?.name))
  }

  @Test func `files have the new geometry, and the old header when they are back`() throws {
    let affine: [Double] = [-1.5, 0, 0, 40, 0, 0, 2.5, -30, 0, -1, 0, 20, 0, 0, 0, 1]
    let image = TestImage(shape: [4, 5, 6], affine: affine, type: .int16) { Float($0 % 97) }
    let read = try throughFile(image.packet())
    #expect(try TestImage(read) == image)
    let turned = try #require(
      try preprocess.stage("preprocess.reorient").process(["volume": read]).record.sent.first)
    let normalized = try #require(
      try preprocess.stage("preprocess.normalize").process(["volume": turned.packet])
        .record.sent.first)
    let file = try throughFile(normalized.packet)
    let (result, expected) = (try TestImage(file), try TestImage(normalized.packet))
    #expect(result.shape == expected.shape && result.voxels == expected.voxels)
    // NIfTI-1 keeps affines in single precision.
    #expect(zip(result.affine, expected.affine).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(try file.facts["nifti"]?["dim"]?[1]?.integer == Int64(result.shape[2]))
    let orientation = Orientation(nearestTo: try result.grid.affine)
    #expect(orientation == .canonical)

    let restored = try #require(
      try preprocess.stage("restore.grid").process(["volume": normalized.packet])
        .record.sent.first)
    let back = try throughFile(restored.packet)
    #expect(try TestImage(back).affine == affine)
    #expect(try back.facts["nifti"]?["sform_code"] == read.facts["nifti"]?["sform_code"])
  }
}
