import PonsCommand
import PonsKit
import Testing

@Suite struct RunDifferenceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let configuration: JSON = [
    "seed": 0,
    "stages": [
      "read": [
        "use": "nifti.read", "version": "1", "code": "aa", "with": ["path": "path:12345678"],
      ],
      "keep": [
        "use": "filter.threshold", "version": "1", "code": "bb", "with": ["minimum": 1.0],
        "in": ["volume": "read.volume"],
      ],
    ],
    "outputs": ["mask": ["from": "write.files", "kind": "mask"]],
  ]

  private func record(
    _ name: String, _ cases: [JSON], outputs: [JSON] = [],
    configuration: JSON = Self.configuration, changes: [JSON] = []
  ) -> RunRecord {
    RunRecord(
      folder: folder.path + "/" + name,
      summary: [
        "cases": .array(cases), "outputs": .array(outputs), "configuration": configuration,
        "changes": .array(changes),
      ])
  }

  private func write(_ name: String, _ text: String) throws {
    _ = try ShellScript.run("mkdir -p $(dirname '\(folder.path)/\(name)')", shell: "bash")
    _ = try folder.write(name, text)
  }

  @Test func `equal runs differ in nothing`() throws {
    let cases: [JSON] = [["case": "c", "status": "done", "outputs": ["c/mask.nii"]]]
    try write("a/c/mask.nii", "same")
    try write("b/c/mask.nii", "same")
    let difference = try RunDifference(record("a", cases), record("b", cases)) {
      #expect($0.isEmpty)
      return []
    }
    #expect(difference.isEmpty && difference.sameFates == 1 && difference.sameFiles == 1)
    #expect(
      DifferenceText(style: .plain).render(difference)
        == "settings: none changed\ncases: 1 the same, none changed\nfiles: 1 the same, none changed\n"
    )
  }

  @Test func `fates, settings, reasons and files are told`() throws {
    var stages = Self.configuration["stages"]?.object ?? [:]
    stages["keep"] = [
      "use": "filter.threshold", "version": "1", "code": "cc", "with": ["minimum": 2.0],
      "in": ["volume": "read.volume"],
    ]
    stages["new"] = ["use": "some.stage", "version": "3", "with": ["x": 1]]
    let changed: JSON = [
      "seed": 0, "stages": .object(stages), "outputs": Self.configuration["outputs"] ?? .null,
    ]
    let left = record(
      "a",
      [
        ["case": "c1", "status": "done", "outputs": ["c1/mask.nii"]],
        ["case": "c2", "status": "done", "outputs": ["c2/mask.nii.gz", "c2/note.txt"]],
      ])
    let right = record(
      "b",
      [
        [
          "case": "c1", "status": "filtered", "code": "FILTERED", "reason": "too dark",
          "stage": "keep", "outputs": [],
        ],
        ["case": "c2", "status": "done", "outputs": ["c2/mask.nii", "c2/note.txt"]],
        ["case": "c3", "status": "quarantined", "code": "TRUNCATED", "reason": "cut off"],
      ], outputs: ["table.csv"], configuration: changed,
      changes: [
        [
          "path": "stages.keep.with.minimum", "to": 2.0, "layer": "site", "reason": "noise",
          "by": "physics",
        ]
      ])
    for name in [
      "a/c1/mask.nii", "a/c2/mask.nii.gz", "b/c2/mask.nii", "b/c2/note.txt", "b/table.csv",
    ] {
      try write(name, name)
    }
    try write("a/c2/note.txt", "another")
    let root = folder.path
    let difference = try RunDifference(left, right) { pairs in
      #expect(pairs.map(\.0) == [root + "/a/c2/mask.nii.gz"])
      #expect(pairs.map(\.1) == [root + "/b/c2/mask.nii"])
      return [MaskAgreement(dice: 0.75, labels: [1: 0.8, 2: 0.5])]
    }
    #expect(
      DifferenceText(style: .plain).render(difference) == """
        settings: 3 changed
          stages.keep  another build of its plugin, or other libraries
          stages.keep.with.minimum  1.0 -> 2.0
          stages.new.use  none -> some.stage
          + site: stages.keep.with.minimum = 2.0, reason: noise, by: physics
        cases: 1 the same, 2 changed
          c1  done -> filtered at keep (too dark)
          c3  not there -> quarantined (TRUNCATED, cut off)
        files: 0 the same, 4 changed
          c1/mask.nii  only in the first
          c2/mask.nii  Dice 0.750 (label 1: 0.800, label 2: 0.500)
          c2/note.txt  differs
          table.csv  only in the second

        """)
    #expect(difference.json["files"]?[1]?["agreement"]?["worst"] == 0.5)
    #expect(difference.json["same"] == false)
  }

  @Test func `a run of an earlier version says so`() throws {
    let difference = try RunDifference(
      record("a", [], configuration: .null), record("b", [])
    ) { _ in [] }
    let text = DifferenceText(style: .plain).render(difference)
    #expect(text.hasPrefix("note: \(folder.path)/a does not say what it was told"))
    #expect(difference.settings.isEmpty)
  }

  @Test func `a folder without a run is an error`() {
    let result = ProgramResult("diff", folder.path, folder.path)
    #expect(result.code == .usage && result.error.contains("summary.json"))
  }
}
