import PonsCommand
import PonsKit
import PonsManifest
import Testing

@Suite struct GoldenCheckTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ name: String, _ fates: [String: String]) -> RunRecord {
    let cases = fates.map { key, status -> JSON in
      [
        "case": .string(key), "status": .string(status), "reason": "why",
        "outputs": status == "done" ? [.string(key + "/mask.nii.gz")] : [],
      ]
    }
    return RunRecord(
      folder: name,
      summary: [
        "cases": .array(cases),
        "configuration": ["outputs": ["mask": ["from": "w.files", "kind": "mask"]]],
      ])
  }

  private func check(
    _ base: [String: String], _ overlay: [String: String], truth: String? = nil,
    outputs: [String] = ["mask"], drop: Double = 0.1, _ agreements: [MaskAgreement]
  ) throws -> GoldenCheck {
    try GoldenCheck(
      GoldenCases(outputs: outputs, maximumDiceDrop: drop, truth: truth),
      base: record("b", base), overlay: record("o", overlay)
    ) { pairs in
      #expect(pairs.count == agreements.count)
      return agreements
    }
  }

  @Test func `small losses pass, greater ones do not`() throws {
    let cases = ["a": "done", "c": "done"]
    let result = try check(cases, cases, [.init(dice: 0.9), .init(dice: 0.89)])
    #expect(result.measures.map(\.name) == ["a/mask", "c/mask"])
    #expect(
      result.violations == [
        "c/mask: Dice with the manifest's own result is 0.890; at most 0.100 may be lost"
      ])
    #expect(try check(cases, cases, [.init(dice: 0.95), .init(dice: 1)]).violations.isEmpty)
  }

  @Test func `the worst label decides`() throws {
    let cases = ["a": "done"]
    let result = try check(cases, cases, [.init(dice: 0.99, labels: [1: 0.995, 2: 0.4])])
    #expect(result.measures[0].label == 2)
    #expect(result.violations.count == 1 && result.violations[0].hasPrefix("a/mask, label 2:"))
  }

  @Test func `where there is a truth, both are compared with it`() throws {
    _ = try ShellScript.run("mkdir -p '\(folder.path)/a'", shell: "bash")
    _ = try folder.write("a/mask.nii", "")
    let cases = ["a": "done"]
    func drop(_ base: Double, _ overlay: Double) throws -> [String] {
      try check(
        cases, cases, truth: folder.path,
        [.init(dice: base, labels: [1: base]), .init(dice: overlay, labels: [1: overlay])]
      ).violations
    }
    #expect(try drop(0.7, 0.65).isEmpty)
    #expect(try drop(0.7, 0.9).isEmpty, "better is no violation")
    #expect(
      try drop(0.7, 0.5) == ["a/mask: Dice falls from 0.700 to 0.500; at most 0.100 may be lost"])
    // A label that only the overlay draws, and the truth does not have.
    let invented = try check(
      cases, cases, truth: folder.path,
      [.init(dice: 1, labels: [1: 1]), .init(dice: 0.95, labels: [1: 1, 3: 0])])
    #expect(
      invented.violations == [
        "a/mask, label 3: Dice falls from 1.000 to 0.000; at most 0.100 may be lost"
      ])
    let missing = try check(["b": "done"], ["b": "done"], truth: folder.path, [])
    #expect(
      missing.violations == ["there is no truth for b/mask: no b/mask.nii.gz or .nii below 'truth'"]
    )
  }

  @Test func `a case that is no longer done is refused`() throws {
    let result = try check(
      ["a": "done", "b": "done", "c": "done", "d": "filtered"],
      ["a": "done", "b": "quarantined", "d": "filtered"], [.init(dice: 1)])
    #expect(
      result.violations == [
        "case b is done, and with the overlay quarantined (why)",
        "case c is done, and with the overlay not there",
      ])
  }

  @Test func `what cannot be judged is refused`() throws {
    let cases = ["a": "done"]
    #expect(try check(["a": "filtered"], cases, []).violations.count == 1)
    #expect(
      try check(cases, cases, outputs: ["other"], []).violations == [
        "the output 'other' of case a is no mask in a NIfTI file"
      ])
    #expect(
      try check(cases, cases, [.failed("different grids")]).violations == [
        "a/mask cannot be compared: different grids"
      ])
    #expect(try check(cases, cases, [.init(dice: .nan)]).violations.count == 1)
  }
}
