import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import TestFolders
import Testing

/// prompts.from-json; the host of these tests takes names for keys.
@Suite struct PromptFileTests {
  private let plugin: PluginUnderTest
  private let folder: TemporaryFolder
  private let image = PromptedImage(shape: [3, 6, 8])
  init() throws {
    plugin = try PluginUnderTest("prompts")
    folder = try TemporaryFolder()
  }

  private func stage(_ text: String, _ parameters: [String: JSON] = [:]) throws -> StageUnderTest {
    try Files.write(Array(text.utf8), folder.path + "prompts.json")
    return try plugin.stage(
      "prompts.from-json",
      parameters.merging(["path": .string(folder.path + "prompts.json")]) { $1 })
  }

  @Test func `one list for all cases`() throws {
    let stage = try stage(
      #"{"boxes": [[2, 0, 0, 8, 6], [0, 1, 2, 3, 4]], "points": [[1, 7, 5, 0]]}"#)
    let made = try PromptRows(stage.process(["volume": image.volumePacket]))
    #expect(
      made == PromptRows(boxes: [[0, 1, 2, 3, 4], [2, 0, 0, 8, 6]], points: [[1, 7, 5, 0]]))
  }

  @Test func `a list a case, and cases that it does not name`() throws {
    let text =
      #"{"cases": {"case": {"points": [[1, 7, 5, 1]]}, "other": {"boxes": [[9, 0, 0, 1, 1]]}}}"#
    let made = try PromptRows(stage(text).process(["volume": image.volumePacket]))
    #expect(made == PromptRows(points: [[1, 7, 5, 1]]))
    let unnamed = #"{"cases": {"other": {}}}"#
    let failure = #expect(throws: StageFailure.self) {
      _ = try stage(unnamed).process(["volume": image.volumePacket])
    }
    #expect(failure?.code == "NOT_IN_FILE" && failure?.category == .badInput)
    let empty = try stage(unnamed, ["missing": "empty"])
    #expect(try PromptRows(empty.process(["volume": image.volumePacket])) == PromptRows())
  }

  @Test func `hints are joined with the file's boxes`() throws {
    let stage = try stage(#"{"boxes": [[0, 1, 1, 3, 3]]}"#)
    let hints = try PromptRows(boxes: [[0, 2, 2, 5, 5]]).packet(shape: image.shape)
    let made = try PromptRows(stage.process(["volume": image.volumePacket, "hints": hints]))
    #expect(made.boxes == [[0, 1, 1, 5, 5]])
  }

  @Test(arguments: [
    (#"{"boxes": [[0, 0, 0, 1, 1], [0, 0, 0, 9, 1]]}"#, "row 2 of 'boxes' goes from x 0 to 9"),
    (#"{"boxes": [[-1, 0, 0, 1, 1]]}"#, "row 1 of 'boxes' is in slice -1 of 3"),
    (#"{"points": [[0, 0, 6, 1]]}"#, "row 1 of 'points' is at x 0, y 6, outside of 8 x 6 voxels"),
    (
      #"{"cases": {"a": {}, "case": {"points": [[0, 0, 0, 3]]}}}"#,
      "row 1 of 'points' of case 2 (by name) has the label 3"
    ),
  ])
  func `a row outside of the volume fails with its case`(text: String, message: String) throws {
    let stage = try stage(text)
    let failure = #expect(throws: StageFailure.self) {
      _ = try stage.process(["volume": image.volumePacket])
    }
    #expect(failure?.category == .badInput && failure?.code == "BAD_PROMPTS")
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
  }

  @Test(arguments: [
    ("{", "is no JSON"), ("[]", "is no JSON object"),
    (#"{"box": []}"#, "has a member 'box'"), (#"{"boxes": 1}"#, "has 'boxes' that is no list"),
    (#"{"boxes": [[0, 0, 0, 1]]}"#, "has in row 1 of 'boxes' something else than 5 whole numbers"),
    (#"{"points": [[0, 0, 0, 1], [0, 0.5, 0, 1]]}"#, "has in row 2 of 'points'"),
    (#"{"points": [[0, 0, 99999999999, 1]]}"#, "has in row 1 of 'points'"),
    (#"{"cases": []}"#, "has 'cases' that is no object"),
    (#"{"cases": {"DOE": 1}}"#, "has no object as the value of case 1 (by name)"),
    (#"{"cases": {}, "boxes": []}"#, "has other members beside 'cases'"),
  ])
  func `a file that cannot be used fails before any case, and shows no names`(
    text: String, message: String
  ) throws {
    let failure = #expect(throws: StageFailure.self) { _ = try stage(text) }
    #expect(failure?.category == .badParameter && failure?.parameter == "path")
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.contains("DOE") == false)
  }

  @Test func `no file`() throws {
    let failure = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("prompts.from-json", ["path": "/nowhere/prompts.json"])
    }
    #expect(failure?.code == "NOT_FOUND" && failure?.parameter == "path")
  }
}
