import Cases
import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import TestFolders
import Testing

@Suite struct CaseSplitTests {
  @Test(arguments: 0..<3) func `parts are those of the hash written out in Python`(number: Int)
    throws
  {
    let table = try ReferenceTable("split.txt")
    let names = try table.words("names")
    let fractions = try table.numbers("\(number).fractions")
    let salt = String(try table.text("\(number).salt").dropFirst())
    for method in [CaseSplit.Method.exact, .hashed] {
      let split = CaseSplit(
        groups: names.shuffled(), test: fractions[0], validation: fractions[1], method: method,
        salt: salt)
      #expect(
        try names.map { split[$0].rawValue } == table.words("\(number).\(method.rawValue)"))
    }
  }

  @Test func `groups stay together, and a part takes them until it is full`() {
    let groups = (0..<30).flatMap { group in (0...group % 3).map { _ in "g\(group)" } }
    let split = CaseSplit(groups: groups, test: 0.25, validation: 0.25, method: .exact, salt: "")
    let sizes = Dictionary(grouping: groups.map { split[$0] }, by: { $0 }).mapValues(\.count)
    // 60 cases: 15 each, and at most two more where the last group does not fit.
    for part in [CaseSplit.Part.test, .validation] {
      #expect((15...17).contains(sizes[part] ?? 0), "\(sizes)")
    }
  }

  @Test func `hashed cases stay where they are when others come`() {
    let few = CaseSplit(groups: ["a", "b"], test: 0.5, validation: 0.2, method: .hashed, salt: "s")
    let names = ["a", "b"] + (0..<50).map { "c\($0)" }
    let many = CaseSplit(groups: names, test: 0.5, validation: 0.2, method: .hashed, salt: "s")
    #expect(few["a"] == many["a"] && few["b"] == many["b"])
    #expect(Set(names.map { many[$0] }).count == 3)
  }

  // MARK: The stage

  private func volumes(studies: [String?]) throws -> [Packet] {
    try studies.enumerated().map { number, study in
      var metadata: [String: JSON] = ["modality": "MR"]
      metadata["dicom"] = study.map { ["study": .string($0)] }
      return try .volume(
        case: "c\(number)", [1], .uint8, [1, 1, 1], metadata: .object(metadata))
    }
  }

  private func parts(_ call: LocalCall) throws -> [String: String] {
    var parts: [String: String] = [:]
    for sent in call.record.sent where sent.port != "parts" {
      #expect(sent.isForwarded && parts[sent.packet.caseKey ?? ""] == nil)
      parts[sent.packet.caseKey ?? ""] = sent.port
    }
    return parts
  }

  @Test func `every volume goes on at one port, those of a study at the same`() throws {
    let plugin = try PluginUnderTest("cases")
    let volumes = try volumes(studies: (0..<20).map { $0 < 16 ? "s\($0 / 4)" : nil })
    let stage = try plugin.stage("split.cases", ["test": 0.5])
    let call = try stage.process(all: ["volume": volumes])
    let found = try parts(call)
    #expect(found.count == 20 && Set(found.values) == ["train", "test"])
    for study in 0..<4 { #expect(Set((0..<4).map { found["c\(study * 4 + $0)"] }).count == 1) }
    let table = try #require(call.record.sent.first { $0.port == "parts" }?.packet)
    let names = try JSON(parsing: table.values(of: "part", UInt8.self)).array
    #expect(names?.compactMap(\.string) == (0..<20).compactMap { found["c\($0)"] })
  }

  @Test func `patients of a table stay together, and every case must be in it`() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<8).map { "c\($0),p\($0 % 2)" }.joined(separator: "\n")
    try Files.write(Array("case,patient\n\(lines)\n".utf8), folder.path + "p.csv")
    let plugin = try PluginUnderTest("cases")
    let stage = try plugin.stage(
      "split.cases", ["test": 0.5, "patients": .string(folder.path + "p.csv")])
    let found = try parts(
      stage.process(all: ["volume": volumes(studies: Array(repeating: nil, count: 8))]))
    #expect(found["c0"] != found["c1"])
    for number in 2..<8 { #expect(found["c\(number)"] == found["c\(number % 2)"]) }
    let failure = #expect(throws: StageFailure.self) {
      _ = try stage.process(all: ["volume": volumes(studies: Array(repeating: nil, count: 9))])
    }
    #expect(failure?.code == "NOT_IN_TABLE" && failure?.parameter == "patients")
  }

  @Test func `fractions of more than everything, and a table that is none`() throws {
    let plugin = try PluginUnderTest("cases")
    let much = #expect(throws: StageFailure.self) {
      _ = try plugin.stage("split.cases", ["test": 0.6, "validation": 0.5])
    }
    #expect(much?.category == .badParameter && much?.parameter == "test")
    let folder = try TemporaryFolder()
    for text in ["case,patient\nc0,p\nc0,q\n", "case,patient\nc0,\n", "case\nc0\n"] {
      try Files.write(Array(text.utf8), folder.path + "p.csv")
      let failure = #expect(throws: StageFailure.self) {
        _ = try plugin.stage("split.cases", ["patients": .string(folder.path + "p.csv")])
      }
      #expect(failure?.code == "BAD_TABLE" && failure?.parameter == "patients")
    }
  }
}
