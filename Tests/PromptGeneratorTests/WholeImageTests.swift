import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

@Suite struct WholeImageTests {
  private let plugin: PluginUnderTest
  private let image = PromptedImage(
    shape: [4, 6, 8], regions: [[0, 1, 1, 3, 5], [1, 0, 0, 8, 6], [3, 7, 5, 8, 6]])
  init() throws { plugin = try PluginUnderTest("prompts") }

  @Test func `every slice is a box`() throws {
    let stage = try plugin.stage("prompts.whole-image")
    let made = try PromptRows(stage.process(["volume": image.volumePacket]))
    #expect(made == PromptRows(boxes: (0..<4).map { [$0, 0, 0, 8, 6] }))
  }

  @Test func `the brain is a box in the slices that it is in`() throws {
    let stage = try plugin.stage("prompts.whole-image")
    let made = try PromptRows(
      stage.process(["volume": image.volumePacket, "brain": image.regionPacket]))
    #expect(made.boxes == [[0, 1, 1, 3, 5], [1, 0, 0, 8, 6], [3, 7, 5, 8, 6]])
  }

  @Test func `a region says in which slices`() throws {
    let stage = try plugin.stage("prompts.whole-image", ["step": 2])
    let made = try PromptRows(
      stage.process(["volume": image.volumePacket, "roi": image.regionPacket]))
    #expect(made.boxes == [[0, 0, 0, 8, 6], [3, 0, 0, 8, 6]])
  }
}
