import PonsEngine
import PonsHost
import PonsImaging
import PonsKit
import StageHarness
import Testing

@Suite struct ReorientTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("preprocess") }

  @Test func `voxels go where their place is`() throws {
    // x grows to the left, y to the head, z to the front.
    let affine: [Double] = [-2, 0, 0, 10, 0, 0, 3, 20, 0, 1, 0, 30, 0, 0, 0, 1]
    let image = TestImage(shape: [2, 3, 4], affine: affine, type: .int16) { Float($0) }
    let call = try plugin.stage("preprocess.reorient").process([
      "volume": image.packet(sidecar: ["patient": "x"])
    ])
    let packet = try #require(call.record.sent.first { $0.port == "volume" }?.packet)
    let result = try TestImage(packet)
    #expect(result.type == .int16 && result.shape == [3, 2, 4])
    #expect(result.affine == [2, 0, 0, 4, 0, 3, 0, 20, 0, 0, 1, 30, 0, 0, 0, 1])
    // Result (x, y, z) was (3 - x, z, y).
    for z in 0..<3 {
      for y in 0..<2 {
        for x in 0..<4 {
          #expect(result.voxels[(z * 2 + y) * 4 + x] == Float((y * 3 + z) * 4 + 3 - x))
        }
      }
    }
    let facts = try packet.facts
    #expect(facts["modality"] == "MR" && facts["site"] == ["scanner": 3])
    #expect(packet.sidecar == #"{"patient":"x"}"#)
    #expect(facts["grid"]?["source"]?["shape"] == [2, 3, 4])
    #expect(
      facts["grid"]?["lattice"] == ["axes": [0, 2, 1], "steps": [-1, 1, 1], "offset": [3, 0, 0]])
  }

  @Test func `masks and channels are turned, too`() throws {
    let affine: [Double] = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    let channels = TestImage(shape: [2, 1, 2, 3], affine: affine) { Float($0) }
    let mask = TestImage(shape: [1, 2, 3], affine: affine, type: .uint8) { Float($0) }
    let sent = try plugin.stage("preprocess.reorient", ["orientation": "ras"]).process([
      "volume": channels.packet(), "mask": mask.packet("mask"),
    ]).record.sent
    let turned = try sent.map { try TestImage($0.packet) }
    #expect(sent.map(\.port) == ["volume", "mask"])
    #expect(turned[0].shape == [2, 1, 2, 3])
    #expect(turned[0].voxels == [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9])
    #expect(turned[1].voxels == [2, 1, 0, 5, 4, 3] && turned[1].type == .uint8)
    #expect(try sent[1].packet.facts["labels"] == ["lesion"])
  }

  @Test func `no orientation, no input, no grid`() throws {
    let failure = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("preprocess.reorient", ["orientation": "RAR"])
    }
    #expect(failure?.category == .badParameter && failure?.parameter == "orientation")
    let nothing = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("preprocess.reorient").process([:])
    }
    #expect(nothing?.code == "NOTHING_CONNECTED")
    let flat = TestImage(
      shape: [2, 2, 2], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    ) { _ in 0 }
    let singular = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("preprocess.reorient").process(["volume": flat.packet()])
    }
    #expect(singular?.code == "BAD_AFFINE" && singular?.port == "volume")
  }
}
