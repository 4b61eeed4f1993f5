import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

@Suite struct ToMaskTests {
  private let plugin: PluginUnderTest
  private let image = TestImage(
    shape: [2, 1, 4], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
  ) { [-1, 0, 1, 2, 3, 4, .nan, 0.5][$0] }
  init() throws { plugin = try PluginUnderTest("preprocess") }

  @Test(
    arguments: [
      ([:], [1, 0, 1, 1, 1, 1, 0, 1]), (["values": [1, 4]], [0, 0, 1, 0, 0, 1, 0, 0]),
      (["above": 0.5], [0, 0, 1, 1, 1, 1, 0, 0]),
    ] as [([String: JSON], [Float])])
  func `values, or what is above a limit`(parameters: [String: JSON], expected: [Float]) throws {
    let call = try plugin.stage("preprocess.to-mask", parameters).process([
      "volume": image.packet()
    ])
    let packet = try #require(call.record.sent.first?.packet)
    let mask = try TestImage(packet)
    #expect(mask.voxels == expected && mask.type == .uint8 && mask.affine == image.affine)
    #expect(try packet.facts["labels"] == ["lesion"] && packet.facts["site"] != nil)
  }

  @Test func `one rule only`() throws {
    let failure = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("preprocess.to-mask", ["values": [1], "above": 1])
    }
    #expect(failure?.parameter == "above")
  }
}
