import Glibc
import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

/// cases.map as a stage; the host of these tests takes names for keys.
@Suite struct CasesMapTests {
  private static let plugin = Result { try PluginUnderTest("cases") }

  /// Runs `body` with a file of this content.
  private func with<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/pons-table-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
    return try body(path)
  }

  @Test func `everything of a case goes on under its new key, untouched`() throws {
    let sent = try with("from,to\ntruth,image\n") { path in
      let stage = try Self.plugin.get().stage("cases.map", ["table": .string(path)])
      let volume = try Packet.volume(case: "truth", [1, 2], .uint8, [2, 1, 1])
      let mask = try Packet.of(
        "mask", case: "truth",
        [(TensorRequest("voxels", .uint8, [1]), [1])], metadata: ["labels": ["lesion"]])
      return try stage.process(["volume": volume, "mask": mask]).record.sent
    }
    #expect(sent.map(\.port).sorted() == ["mask", "volume"])
    #expect(sent.allSatisfy { $0.caseKey == "image" && $0.isForwarded })
    #expect(sent.map(\.packet.kind).sorted() == ["mask", "volume"])
  }

  @Test func `a case that is not in the table fails`() throws {
    let failure = try with("from,to\ntruth,image\n") { path in
      let stage = try Self.plugin.get().stage("cases.map", ["table": .string(path)])
      let packet = try Packet.volume(case: "other", [1], .uint8, [1, 1, 1])
      return #expect(throws: StageFailure.self) { try stage.process(["volume": packet]) }
    }
    #expect(failure?.code == "NOT_IN_TABLE" && failure?.category == .badInput)
  }

  @Test func `a table that cannot be used is an error of the manifest, before any case`() throws {
    let plugin = try Self.plugin.get()
    let missing = #expect(throws: StageFailure.self) {
      try plugin.stage("cases.map", ["table": "/nowhere/table.csv"])
    }
    #expect(missing?.category == .badParameter && missing?.parameter == "table")
    let wrong = try with("from,to\nx,a\ny,a\n") { path in
      #expect(throws: StageFailure.self) {
        try plugin.stage("cases.map", ["table": .string(path)])
      }
    }
    #expect(wrong?.code == "BAD_TABLE" && wrong?.category == .badParameter)
  }
}
