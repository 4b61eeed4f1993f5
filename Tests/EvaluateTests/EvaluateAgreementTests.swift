import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

@Suite struct EvaluateAgreementTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("evaluate") }

  private func volume(
    _ name: String, _ voxels: [UInt8], _ type: ElementType = .uint8, shape: [Int] = [1, 2, 4]
  ) throws -> Packet {
    try .volume(case: name, voxels, type, shape)
  }

  private func float(_ name: String, _ voxels: [Float]) throws -> Packet {
    try volume(name, voxels.withUnsafeBytes { Array($0) }, .float32)
  }

  private func table(_ a: [Packet], _ b: [Packet]) throws -> SentTable {
    try SentTable(
      plugin.stage("evaluate.agreement").process(all: ["a": a, "b": b]), "table")
  }

  @Test func `each label has its Dice, and all together`() throws {
    let a: [UInt8] = [0, 1, 1, 2, 2, 2, 0, 7]
    let b: [UInt8] = [0, 1, 2, 2, 2, 0, 1, 0]
    let sent = try table(
      [volume("x", a), volume("y", a)], [volume("x", b), float("y", b.map { Float($0) })])
    #expect(try sent.strings("case") == ["x", "x", "x", "x", "y", "y", "y", "y"])
    #expect(try sent.numbers("label") == [0, 1, 2, 7, 0, 1, 2, 7])
    // Twice what both have over what each has: 8 of 11, 2 of 4, 4 of 6, 0 of 1.
    let expected: [Double] = [8.0 / 11.0, 0.5, 2.0 / 3.0, 0]
    #expect(try sent.numbers("dice") == expected + expected, "the voxels' type makes no difference")
    #expect(try sent.numbers("both") == [4, 1, 2, 0, 4, 1, 2, 0])
  }

  @Test func `two empty images agree`() throws {
    let empty = [UInt8](repeating: 0, count: 8)
    let sent = try table([volume("x", empty)], [volume("x", empty)])
    #expect(try sent.numbers("dice") == [1] && sent.numbers("label") == [0])
  }

  @Test func `what cannot be compared says why and does not stop the others`() throws {
    let mask: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
    let sent = try table(
      [volume("a", mask), volume("b", mask), volume("c", mask)],
      [
        volume("a", mask, shape: [2, 2, 2]), float("b", [0.5, 0, 0, 0, 0, 0, 0, 0]),
        volume("c", mask),
      ])
    let problems = try sent.strings("problem")
    #expect(problems[0].contains("different grids") && problems[1].contains("found 0.5"))
    #expect(problems[2...].allSatisfy { $0.isEmpty })
    let dice = try sent.numbers("dice")
    #expect(dice[0].isNaN && dice[1].isNaN && dice[2...].allSatisfy { $0 == 1 })
  }
}
