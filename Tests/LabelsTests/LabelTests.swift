import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import TestFolders
import Testing

/// labels.*; the host of these tests takes names for keys.
@Suite struct LabelTests {
  private let plugin: PluginUnderTest
  private let folder: TemporaryFolder
  init() throws {
    plugin = try PluginUnderTest("labels")
    folder = try TemporaryFolder()
  }

  private func volume(slices: Int = 4, metadata: JSON = ["modality": "MR"]) throws -> Packet {
    try .volume([UInt8](repeating: 0, count: slices), .uint8, [slices, 1, 1], metadata: metadata)
  }

  private func fromTable(_ text: String, _ parameters: [String: JSON] = [:]) throws
    -> StageUnderTest
  {
    try Files.write(Array(text.utf8), folder.path + "t.csv")
    return try plugin.stage(
      "labels.from-table", parameters.merging(["table": .string(folder.path + "t.csv")]) { $1 })
  }

  private func labels(_ stage: StageUnderTest, _ volume: Packet) throws -> [Int8] {
    let sent = try stage.process(["volume": volume]).record.sent
    return try #require(sent.first?.packet).values(of: "label")
  }

  // MARK: From a table

  @Test func `slices, ranges and what is not listed`() throws {
    let text = "case,label,slice\ncase,tumour,1\ncase,normal,2-3\nother,tumour,all\n"
    #expect(try labels(fromTable(text), volume()) == [-1, 1, 0, 0])
    #expect(try labels(fromTable(text, ["unlisted": "tumour"]), volume()) == [1, 1, 0, 0])
    #expect(try labels(fromTable(text, ["first_slice": 1]), volume()) == [1, 0, 0, -1])
    let all = "case,label,slice\ncase,,2\ncase,,2\n"
    #expect(try labels(fromTable(all, ["unlisted": "normal"]), volume()) == [0, 0, -1, 0])
    let every = "case,label,slice\ncase,tumour,all\n"
    #expect(try labels(fromTable(every, ["first_slice": 1]), volume()) == [1, 1, 1, 1])
  }

  @Test func `probabilities are certain, or equal`() throws {
    let stage = try fromTable(
      "case,label,slice\ncase,b,1\n", ["classes": ["a", "b", "c", "d"]])
    let packet = try #require(
      stage.process(["volume": volume(slices: 2)]).record.sent.first?.packet)
    #expect(
      packet.values(of: "probability", Float.self) == [0.25, 0.25, 0.25, 0.25, 0, 1, 0, 0])
    #expect(try packet.facts["classes"] == ["a", "b", "c", "d"])
  }

  @Test func `a case that the table does not name`() throws {
    let text = "case,label,slice\nother,tumour,1\n"
    let failure = #expect(throws: StageFailure.self) { _ = try labels(fromTable(text), volume()) }
    #expect(failure?.code == "NOT_IN_TABLE" && failure?.category == .badInput)
    let stage = try fromTable(text, ["missing": "unlabelled", "unlisted": "normal"])
    #expect(try labels(stage, volume()) == [-1, -1, -1, -1])
  }

  @Test(arguments: [
    ("case,tumour,4", "line 2 of the table names slice 4, and the volume has 0 to 3"),
    ("case,tumour,1-9", "line 2 of the table names slice 9, and the volume has 0 to 3"),
    (
      "case,tumour,1\ncase,normal,0-2",
      "lines 2 and 3 of the table give slice 1 different labels"
    ),
    ("case,tumour,1\ncase,,all", "lines 2 and 3 of the table give slice 1 different labels"),
  ])
  func `lines that do not fit the volume are named`(lines: String, message: String) throws {
    let failure = #expect(throws: StageFailure.self) {
      _ = try labels(fromTable("case,label,slice\n\(lines)\n"), volume())
    }
    #expect(failure?.message == message && failure?.category == .badInput)
  }

  @Test(arguments: [
    (",tumour,4", "line 2 of the table has nothing in the column 'case'"),
    ("case,glioma,4", "line 2 of the table has a label that is no class"),
    ("case,tumour,x", "line 2 of the table has no slice in the column 'slice'"),
    ("case,tumour,-1", "line 2 of the table has no slice in the column 'slice'"),
    ("case,tumour,1-2-3", "line 2 of the table has no slice in the column 'slice'"),
    ("case,tumour,", "line 2 of the table has no slice in the column 'slice'"),
    ("case,tumour,99999999999999999999", "line 2 of the table has no slice in the column 'slice'"),
    ("case,tumour,3-2", "line 2 of the table has a range that ends before it begins"),
  ])
  func `lines that cannot be used fail before any case`(line: String, message: String) throws {
    let failure = #expect(throws: StageFailure.self) {
      _ = try fromTable("case,label,slice\n\(line)\n")
    }
    #expect(failure?.message == message && failure?.category == .badParameter)
  }

  @Test func `slices count from where the table says, and classes must be names`() throws {
    let zero = #expect(throws: StageFailure.self) {
      _ = try fromTable("case,label,slice\ncase,tumour,0\n", ["first_slice": 1])
    }
    #expect(zero?.message == "line 2 of the table has a slice before the first, 1")
    for (name, value) in [("classes", ["a", "a"]), ("classes", []), ("unlisted", "x")]
      as [(String, JSON)]
    {
      let failure = #expect(throws: StageFailure.self) {
        _ = try fromTable("case,label,slice\ncase,,0\n", [name: value])
      }
      #expect(failure?.parameter == name)
    }
  }

  // MARK: From DICOM

  private func fromDICOM(_ attribute: JSON, _ patterns: JSON, _ parameters: [String: JSON] = [:])
    throws -> StageUnderTest
  {
    try plugin.stage(
      "labels.from-dicom",
      parameters.merging(["attribute": attribute, "patterns": patterns]) { $1 })
  }

  private func volume(_ facts: JSON) throws -> Packet {
    try volume(metadata: ["modality": "MR", "dicom": facts])
  }

  @Test func `a header gives all slices a class`() throws {
    let patterns: JSON = ["normal": "^volunteer", "tumour": "glioma|mets"]
    let stage = try fromDICOM("description", patterns)
    #expect(try labels(stage, volume(["description": "Volunteer 3"])) == [0, 0, 0, 0])
    #expect(try labels(stage, volume(["description": "GLIOMA FLAIR"])) == [1, 1, 1, 1])
    let contrast = try fromDICOM("contrast", ["tumour": "^yes$"])
    #expect(try labels(contrast, volume(["contrast": true])) == [1, 1, 1, 1])
    let type = try fromDICOM("image_type", ["normal": "^mask$"])
    #expect(try labels(type, volume(["image_type": ["ORIGINAL", "MASK"]])) == [0, 0, 0, 0])
  }

  @Test(
    arguments: [
      ([:], "the header does not tell 'description'"),
      (["description": ""], "the header does not tell 'description'"),
      (["description": "head"], "'description' fits no pattern"),
      (
        ["description": "volunteer glioma"],
        "'description' fits the patterns of 'normal' and 'tumour'"
      ),
    ] as [(JSON, String)])
  func `what is not known has no class`(facts: JSON, message: String) throws {
    let patterns: JSON = ["normal": "volunteer", "tumour": "glioma"]
    let failure = #expect(throws: StageFailure.self) {
      _ = try labels(fromDICOM("description", patterns), volume(facts))
    }
    #expect(failure?.message == message && failure?.code == "NO_LABEL")
    let open = try fromDICOM("description", patterns, ["unmatched": "unlabelled"])
    #expect(try labels(open, volume(facts)) == [-1, -1, -1, -1])
  }

  @Test func `patterns that cannot be used`() throws {
    for patterns in [[:], ["glioma": "x"], ["tumour": "("]] as [JSON] {
      let failure = #expect(throws: StageFailure.self) {
        _ = try fromDICOM("description", patterns)
      }
      #expect(failure?.category == .badParameter && failure?.parameter == "patterns")
    }
  }
}
