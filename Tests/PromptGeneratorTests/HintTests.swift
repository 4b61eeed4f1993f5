import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

/// Prompts that a site already has, joined with those that are made.
@Suite struct HintTests {
  private let plugin: PluginUnderTest
  private let image = PromptedImage(shape: [3, 6, 8], regions: [[1, 2, 2, 4, 4]])
  init() throws { plugin = try PluginUnderTest("prompts") }

  private func call(
    _ hints: PromptRows, _ parameters: [String: JSON] = ["growth": 1, "foreground": false]
  ) throws -> LocalCall {
    try plugin.stage("prompts.from-roi", parameters).process([
      "volume": image.volumePacket, "roi": image.regionPacket,
      "hints": hints.packet(shape: image.shape),
    ])
  }

  @Test func `a box that overlaps makes the made one larger, others stand beside it`() throws {
    let hints = PromptRows(
      boxes: [[1, 4, 4, 7, 6], [1, 7, 0, 8, 1], [0, 0, 0, 2, 2], [1, 5, 0, 6, 6]],
      points: [[2, 3, 3, 1]])
    let call = try call(hints)
    #expect(
      try PromptRows(call)
        == PromptRows(
          boxes: [[0, 0, 0, 2, 2], [1, 1, 0, 7, 6], [1, 7, 0, 8, 1]], points: [[2, 3, 3, 1]]))
    let facts = try #require(call.record.sent.first?.packet).facts
    #expect(facts["hints"] == ["boxes": 4, "points": 1, "boxes_joined": 2])
    #expect(facts["slices"] == [0, 1, 2] && facts["source"] == "roi")
  }

  @Test func `where a made point and a hint are at one voxel, the hint counts`() throws {
    let made = try PromptRows(call(PromptRows(), ["boxes": false])).points
    #expect(made == [[1, 2, 2, 1], [1, 3, 2, 1], [1, 2, 3, 1], [1, 3, 3, 1]])
    let joined = try PromptRows(
      call(PromptRows(points: [[1, 3, 2, 0], [0, 0, 0, 1]]), ["boxes": false]))
    #expect(
      joined.points == [[0, 0, 0, 1], [1, 2, 2, 1], [1, 2, 3, 1], [1, 3, 3, 1], [1, 3, 2, 0]])
  }

  @Test func `hints alone are prompts, too`() throws {
    let hints = PromptRows(boxes: [[2, 0, 0, 8, 6]], points: [[0, 7, 5, 0]])
    let call = try plugin.stage("prompts.from-roi").process([
      "volume": image.volumePacket, "hints": hints.packet(shape: image.shape),
    ])
    #expect(try PromptRows(call) == hints)
    #expect(try #require(call.record.sent.first?.packet).facts["source"] == "hints")
  }

  @Test(arguments: [
    (
      PromptRows(boxes: [[0, 0, 0, 1, 1], [3, 0, 0, 1, 1]]), "row 1 of 'boxes' is in slice 3 of 3"
    ),
    (PromptRows(boxes: [[0, 4, 0, 4, 1]]), "row 0 of 'boxes' goes from x 4 to 4 and is empty"),
    (
      PromptRows(boxes: [[0, 0, 0, 1, 7]]),
      "row 0 of 'boxes' goes from y 0 to 7, beyond the 6 voxels"
    ),
    (PromptRows(points: [[0, 8, 0, 1]]), "row 0 of 'points' is at x 8, y 0, outside of 8 x 6"),
    (PromptRows(points: [[0, 0, 0, 2]]), "row 0 of 'points' has the label 2"),
  ])
  func `a hint outside of the volume is named`(hints: PromptRows, message: String) throws {
    let failure = #expect(throws: StageFailure.self) { _ = try call(hints) }
    #expect(failure?.code == "BAD_PROMPTS" && failure?.port == "hints")
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
  }

  @Test func `hints that are on another grid, or do not say on which`() throws {
    let odd: [(JSON?, String)] = [(["grid": [:]], "BAD_PROMPTS"), (nil, "GRID_MISMATCH")]
    for (metadata, code) in odd {
      let failure = #expect(throws: StageFailure.self) {
        _ = try plugin.stage("prompts.from-roi").process([
          "volume": image.volumePacket,
          "hints": PromptRows().packet(shape: [3, 6, 9], metadata: metadata),
        ])
      }
      #expect(failure?.code == code)
    }
  }
}
