import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct RegionPromptsTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("prompts") }

  /// Whole numbers come out: nothing to tolerate.
  @Test(arguments: 0..<5) func `boxes and points are those of numpy`(case number: Int) throws {
    let table = try ReferenceTable("prompts.txt")
    func numbers(_ name: String) throws -> [Double] { try table.numbers("\(number).\(name)") }
    var image = PromptedImage(shape: try numbers("shape").map { Int($0) })
    image.spacing = try numbers("spacing")
    image.volume = try numbers("volume").map { Int16($0) }
    image.region = try numbers("region").map { UInt8($0) }
    let stage = try plugin.stage(
      "prompts.from-roi",
      [
        "growth": .number(numbers("growth")[0]),
        "growth_unit": .string(table.text("\(number).unit")),
        "brightness": .number(numbers("brightness")[0]),
        "background": .bool(numbers("background") == [1]),
        "step": .integer(Int64(numbers("step")[0])),
      ])
    let call = try stage.process(["volume": image.volumePacket, "roi": image.regionPacket])
    let made = try PromptRows(call)
    #expect(try made.boxes == PromptRows.rows(numbers("boxes").map { Int($0) }, 5))
    #expect(try made.points == PromptRows.rows(numbers("points").map { Int($0) }, 4))
    let facts = try #require(call.record.sent.first?.packet).facts
    #expect(facts["grid"]?["shape"] == .array(image.shape.map { .integer(Int64($0)) }))
    #expect(facts["slices"]?.array?.count == made.boxes.count && facts["source"] == "roi")
  }

  @Test func `NaN counts as 0 and infinity as the greatest finite value`() throws {
    var values = [Float](repeating: 1, count: 12)
    values[3] = .infinity
    values[4] = .nan
    values[5] = 10
    let volume = try Packet.volume(values.withUnsafeBytes { Array($0) }, .float32, [1, 3, 4])
    let roi = try Packet.mask([UInt8](repeating: 1, count: 12), [1, 3, 4])
    let call = try plugin.stage("prompts.from-roi", ["boxes": false]).process([
      "volume": volume, "roi": roi,
    ])
    #expect(try PromptRows(call) == PromptRows(points: [[0, 3, 0, 1], [0, 1, 1, 1]]))
  }

  @Test func `no region, no prompts`() throws {
    let image = PromptedImage(shape: [2, 3, 4])
    let call = try plugin.stage("prompts.from-roi").process([
      "volume": image.volumePacket, "roi": image.regionPacket,
    ])
    #expect(try PromptRows(call) == PromptRows())
  }

  @Test func `a mask is prompted by its own boxes, and by points when they are asked for`() throws {
    let image = PromptedImage(shape: [3, 6, 8], regions: [[1, 2, 3, 5, 5]])
    let mask = try image.regionPacket
    let call = try plugin.stage("prompts.from-mask").process(["mask": mask])
    #expect(try PromptRows(call) == PromptRows(boxes: [[1, 2, 3, 5, 5]]))
    let stage = try plugin.stage("prompts.from-mask", ["foreground": true])
    let missing = #expect(throws: StageFailure.self) { _ = try stage.process(["mask": mask]) }
    #expect(missing?.code == "NOTHING_CONNECTED" && missing?.port == "volume")
    let points = try PromptRows(stage.process(["mask": mask, "volume": image.volumePacket])).points
    // Six candidates in raster order: numbers 0, 2, 3, 4, 5.
    #expect(points.map { [$0[1], $0[2]] } == [[2, 3], [4, 3], [2, 4], [3, 4], [4, 4]])
  }

  @Test func `another grid, nothing to make, nothing to make it of`() throws {
    let image = PromptedImage(shape: [2, 3, 4], regions: [[0, 1, 1, 2, 2]])
    let other = try PromptedImage(shape: [2, 4, 4]).regionPacket
    let mismatch = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("prompts.from-roi").process([
        "volume": image.volumePacket, "roi": other,
      ])
    }
    #expect(mismatch?.code == "GRID_MISMATCH" && mismatch?.port == "roi")
    let nothing = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("prompts.from-roi", ["boxes": false, "foreground": false])
    }
    #expect(nothing?.code == "NO_PROMPTS" && nothing?.category == .badParameter)
    let unconnected = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("prompts.from-roi").process(["volume": image.volumePacket])
    }
    #expect(unconnected?.code == "NOTHING_CONNECTED")
  }
}
