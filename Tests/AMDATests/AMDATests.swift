import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct AMDATests {
  private let plugin: PluginUnderTest
  private let table: ReferenceTable
  init() throws {
    plugin = try PluginUnderTest("amda")
    table = try ReferenceTable("amda.txt")
  }

  private static func bytes<Value>(_ values: [Value]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  /// The packets of a case of the fixture.
  private func inputs(_ number: Int) throws -> [String: Packet] {
    let shape = try table.numbers("shape").map { Int($0) }
    let spacing = try table.numbers("spacing")
    let affine = [spacing[0], 0, 0, 4, 0, spacing[1], 0, 0, 0, 0, spacing[2], 0, 0, 0, 0, 1]
    func numbers(_ name: String) throws -> [Double] { try table.numbers("\(number).\(name)") }
    let grid = (TensorRequest("affine", .float64, [4, 4]), Self.bytes(affine))
    return [
      "volume": try .volume(
        Self.bytes(numbers("volume").map { Int16($0) }), .int16, shape, affine: affine),
      "heatmap": try .of(
        "heatmap",
        [
          (TensorRequest("voxels", .float32, shape), Self.bytes(numbers("heat").map { Float($0) })),
          grid,
        ],
        metadata: ["source": "test"]),
      "roi": try .mask(numbers("region").map { UInt8($0) }, shape, affine: affine),
      "labels": try .of(
        "slice-labels",
        [
          (
            TensorRequest("probability", .float32, [shape[0], 2]),
            Self.bytes([Float](repeating: 0, count: shape[0] * 2))
          ),
          (
            TensorRequest("label", .int8, [shape[0]]),
            Self.bytes(numbers("labels").map { Int8($0) })
          ),
        ], metadata: ["classes": ["normal", "tumour"]]),
    ]
  }

  private func run(_ number: Int) throws -> Packet {
    let settings = try table.numbers("\(number).settings")
    let stage = try plugin.stage(
      "amda.mask",
      [
        "fill": .string(table.text("\(number).fill")),
        "negatives": .string(table.text("\(number).negatives")),
        "cell_size": .number(settings[0]), "cell_ratio": .number(settings[1]),
        "fraction": .number(settings[2]),
      ])
    let seed = try #require(UInt64(try table.text("\(number).seed")))
    let call = try stage.process(inputs(number), seed: seed)
    return try #require(call.record.sent.first?.packet)
  }

  @Test(arguments: 0..<5) func `slices are those of numpy with the same random numbers`(number: Int)
    throws
  {
    let packet = try run(number)
    #expect(try packet.values(of: "z", Int32.self).map(Double.init) == table.numbers("\(number).z"))
    let labels = packet.values(of: "label", Int8.self)
    #expect(try labels.map(Double.init) == table.numbers("\(number).label"))
    let images = packet.values(of: "images", Float.self).map(Double.init)
    // The fixture has eight digits.
    #expect(try largestDifference(images, table.numbers("\(number).images")) < 1e-6)
    let shape = try table.numbers("shape").map { Int($0) }
    #expect(packet.tensor("images")?.shape == [labels.count, shape[1], shape[2]])
    let facts = try packet.facts["augmentation"]
    #expect(facts?["positive_copies"]?.integer == Int64(labels.count { $0 == 1 }))
    #expect(facts?["negative_copies"]?.integer == Int64(labels.count { $0 == 0 }))
  }

  @Test func `a case without shapes says that it used cells`() throws {
    #expect(try run(4).facts["augmentation"]?["negatives"] == "cells")
    #expect(try run(1).facts["augmentation"]?["negatives"] == "shapes")
  }

  @Test func `labels and grids that do not fit`() throws {
    var inputs = try inputs(0)
    inputs["roi"] = try .mask([1], [1, 1, 1])
    let grid = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("amda.mask").process(inputs)
    }
    #expect(grid?.code == "GRID_MISMATCH" && grid?.port == "roi")
    let unknown = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("amda.mask", ["positive": "lesion"]).process(self.inputs(0))
    }
    #expect(unknown?.code == "UNKNOWN_CLASS" && unknown?.parameter == "positive")
  }
}
