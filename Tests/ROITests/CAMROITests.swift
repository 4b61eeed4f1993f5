import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct CAMROITests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("roi") }

  private func heatmap(_ values: [Float], _ shape: [Int]) throws -> Packet {
    let affine: [Double] = [2, 0, 0, 1, 0, 2, 0, 1, 0, 0, 3, 1, 0, 0, 0, 1]
    return try .of(
      "heatmap",
      [
        (TensorRequest("voxels", .float32, shape), values.withUnsafeBytes { Array($0) }),
        (TensorRequest("affine", .float64, [4, 4]), affine.withUnsafeBytes { Array($0) }),
      ], metadata: ["source": "test", "grid": ["x": 1]], sidecar: ["from": "y"])
  }

  @Test(arguments: 0..<5) func `regions are those of scipy`(number: Int) throws {
    let table = try ReferenceTable("roi.txt")
    let settings = try table.numbers("\(number).settings")
    let shape = try table.numbers("\(number).shape").map { Int($0) }
    let heat = try table.numbers("\(number).heat").map { Float($0 / 64) }
    let stage = try plugin.stage(
      "cam.roi",
      [
        "scale": .string(table.text("\(number).scale")), "threshold": .number(settings[0]),
        "opening": .bool(settings[1] == 1), "keep": .number(settings[2]),
      ])
    let packet = try #require(
      stage.process(["heatmap": heatmap(heat, shape)]).record.sent.first?.packet)
    let region = packet.values(of: "voxels", UInt8.self).map(Double.init)
    #expect(try region == table.numbers("\(number).region"))
    #expect(packet.values(of: "affine", Double.self)[10] == 3)
    #expect(try packet.facts["grid"] == ["x": 1] && packet.sidecar == #"{"from":"y"}"#)
    let facts = try packet.facts["region"]
    let counts = [facts?["components"]?.integer, facts?["components_kept"]?.integer]
    #expect(try counts.map { Double($0 ?? -1) } == table.numbers("\(number).components"))
  }

  @Test func `NaN is 0, and nothing hot is no region`() throws {
    let values = [Float](repeating: .nan, count: 64)
    for scale in ["none", "slice", "volume"] {
      let call = try plugin.stage("cam.roi", ["scale": .string(scale), "threshold": 0]).process([
        "heatmap": heatmap(values, [4, 4, 4])
      ])
      let packet = try #require(call.record.sent.first?.packet)
      #expect(packet.values(of: "voxels", UInt8.self).allSatisfy { $0 == 0 })
    }
  }
}
