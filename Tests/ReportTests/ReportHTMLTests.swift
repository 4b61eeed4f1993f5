import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import TestFolders
import Testing

@Suite struct ReportHTMLTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("report") }

  /// The page that a call wrote.
  private func page(
    _ inputs: [String: [Packet]], absent: [String: [Absence]] = [:],
    _ parameters: [String: JSON] = [:]
  ) throws -> [UInt8] {
    let call = try plugin.stage("report.html", parameters).process(all: inputs, absent: absent)
    let sent = try #require(call.record.sent.first)
    #expect(sent.port == "report" && call.record.sent.count == 1)
    #expect(try sent.packet.facts["files"]?[0]?["name"] == "report.html")
    return try Files.read(call.scratch() + "/report.html")
  }

  private func text(
    _ inputs: [String: [Packet]], absent: [String: [Absence]] = [:],
    _ parameters: [String: JSON] = [:]
  ) throws -> String {
    String(decoding: try page(inputs, absent: absent, parameters), as: UTF8.self)
  }

  private func everything() throws -> (inputs: [String: [Packet]], absent: [String: [Absence]]) {
    let keys = ["a", "b", "c", "d"]
    let estimates = try Cohort.estimates([
      ("raw CAM", "dice", "", 0.41), ("SAM", "dice", "", 0.7), ("network", "dice", "", 0.82),
      ("raw CAM", "hd95", "mm", 31), ("SAM", "hd95", "mm", 12), ("network", "hd95", "mm", 7),
    ])
    let torn = Absence(
      caseKey: "torn", .quarantined, stage: "read", code: "TRUNCATED",
      reason: "the file holds 3 bytes of pixels")
    let lost = Absence(
      caseKey: "d", .filtered, stage: "keep", code: "FILTERED", reason: "too dark", score: 0.25,
      rank: 4)
    return (
      [
        "volume": try keys.map(Cohort.volume), "labels": try keys.map(Cohort.labels),
        "cam": try keys.map(Cohort.heatmap), "enhanced": try keys.map(Cohort.heatmap),
        "prompts": try keys.map(Cohort.prompts), "sam": try keys.map { try Cohort.mask($0) },
        "segmentation": [
          try Cohort.mask("a"), try Cohort.mask("b", 0..<0), try Cohort.mask("c", 1..<3, size: 4),
        ],
        "truth": try keys.map { try Cohort.mask($0, 2..<4) },
        "scores": [
          try Cohort.scores([
            ("a", 0.9, 1, true), ("b", 0.4, 3, false), ("c", 0.7, 2, true),
          ])
        ],
        "cases": [
          try Cohort.table([
            Table.Column("case", .strings(["a", "b", "c"])),
            Table.Column("dice", .numbers([0.75, 0, .nan])),
            Table.Column("hd95", .numbers([3.25, 373.1, 4]), unit: "mm"),
          ])
        ],
        "cohort": [estimates], "ablation": [estimates],
      ],
      ["volume": [torn], "segmentation": [lost, torn]]
    )
  }

  @Test(.enabled(if: PageCheck.isAvailable))
  func `the page is well formed, self-contained and described`() throws {
    let (inputs, absent) = try everything()
    #expect(
      try PageCheck.passes(page(inputs, absent: absent, ["synthetic": "phantoms & weights"])))
    #expect(try PageCheck.passes(page(["volume": [Cohort.volume("a")]])))
    #expect(try PageCheck.passes(page([:])))
    #expect(try !PageCheck.passes(Array("<html><body><p></body></html>".utf8)))
  }

  @Test func `equal inputs give equal bytes`() throws {
    let (inputs, absent) = try everything()
    #expect(try page(inputs, absent: absent) == page(inputs, absent: absent))
  }

  @Test func `what became of the cases`() throws {
    let (inputs, absent) = try everything()
    let text = try text(inputs, absent: absent, ["synthetic": "<b>phantoms</b>"])
    #expect(text.contains("Research use only"))
    #expect(text.contains("2 of 5 cases got a mask that nobody drew."))
    #expect(text.contains("and 1 where nothing was found"))
    #expect(text.contains("&lt;b&gt;phantoms&lt;/b&gt;"))
    #expect(text.contains("not measured"))
    // 27 voxels of 6 mm3.
    #expect(text.contains("<dt>Final mask</dt><dd>0.2 ml</dd>"))
    #expect(text.contains("<dd>0.900, rank 1 of 3, kept</dd>"))
    #expect(text.contains("<dd>0.400, rank 3 of 3, not trained with</dd>"))
    #expect(text.contains("similarity 0.400, rank 3 of 3"))
    #expect(text.contains("<code>TRUNCATED</code> the file holds 3 bytes of pixels"))
    #expect(text.contains("too dark <span class=\"soft\">(score 0.250, rank 4)</span>"))
    #expect(text.contains("kept from 0.700"))
    #expect(text.contains("3 of 6 slices labelled “tumour”"))
    #expect(
      text.contains("aria-label=\"Case a, slice 3: 1 box, 2 points; outline of the mask of SAM\""))
    #expect(text.contains("<span class=\"name\">network</span>"))
    #expect(text.contains("<b>0.820</b> <span class=\"interval\">[0.770, 0.870]</span>"))
  }

  @Test func `without masks and without anything`() throws {
    let bare = try text(["volume": [Cohort.volume("a")]])
    #expect(bare.contains("1 volume. No masks are connected"))
    #expect(!bare.contains("id=\"methods\"") && !bare.contains("id=\"similarity\""))
    #expect(bare.contains("No case was dropped"))
    #expect(bare.contains("<h4>Slice 3</h4>"), "the middle slice")
    let empty = try text([:])
    #expect(empty.contains("0 volumes"))
    #expect(!empty.contains("id=\"cases\""))
    let torn = Absence(
      caseKey: "x", .quarantined, stage: "read", code: "TORN", reason: "it is torn")
    let alone = try text([:], absent: ["volume": [torn]])
    #expect(alone.contains("<code>TORN</code> it is torn"))
  }

  @Test func `a packet that is not as it should be is told, and stops nothing`() throws {
    let other = try Packet.mask(case: "a", [UInt8](repeating: 1, count: 8), [2, 2, 2])
    let flat = try Packet.volume(
      case: "b", [UInt8](repeating: 1, count: 4), .uint8, [2, 2])
    let strange = try Cohort.table([Table.Column("value", .numbers([1, 2]))])
    let text = try text([
      "volume": [try Cohort.volume("a"), flat], "segmentation": [other], "scores": [strange],
      "cohort": [strange], "cases": [strange],
    ])
    #expect(
      text.contains("5 things could not be shown"))
    #expect(
      text.contains("a: What came in at &#39;segmentation&#39; is not shown: it and the volume"))
    #expect(text.contains("b: What came in at &#39;volume&#39; is not shown"))
    #expect(text.contains("The table at &#39;scores&#39; is not shown"))
  }

  @Test func `numbers that are none, and numbers without measure`() throws {
    let wild = [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0]
    let keys = wild.indices.map { "k\($0)" }
    let text = try text([
      "volume": try keys.map(Cohort.volume),
      "scores": [
        try Cohort.scores(wild.enumerated().map { ("k\($0.offset)", $0.element, .max, true) })
      ],
      "cohort": [
        try Cohort.estimates(wild.map { ("m\($0)", "dice", "", $0) } + [("one", "hd95", "mm", 3)])
      ],
      "cases": [
        try Cohort.table([
          Table.Column("case", .strings(keys)), Table.Column("hd95", .numbers(wild), unit: "mm"),
        ])
      ],
    ])
    #expect(text.contains("<dd>–, rank"))
    #expect(!text.contains(">nan") && !text.contains(">inf") && !text.contains("(nan"))
    let torn = try Packet.of(
      "table", case: "", [(TensorRequest("case", .uint8, [2]), Array("[\"".utf8))],
      metadata: ["columns": [["name": "case", "type": "string"]], "rows": 1])
    #expect(
      try self.text(["volume": [Cohort.volume("a")], "cases": [torn]])
        .contains("The table at &#39;cases&#39; is not shown"))
  }

  @Test func `pictures are of those that were not trained with first`() throws {
    let keys = (0..<9).map { "k\($0)" }
    let inputs = [
      "volume": try keys.map(Cohort.volume), "segmentation": try keys.map { try Cohort.mask($0) },
      "scores": [
        try Cohort.scores(
          keys.enumerated().map {
            ($0.element, Double($0.offset) / 10, 9 - $0.offset, $0.offset < 7)
          }
        )
      ],
    ]
    let text = try text(inputs, [:], ["max_cases_pictured": 3, "slices": 1])
    let pictured = keys.filter { text.contains("<article id=\"case-\($0)\"") }
    #expect(pictured == ["k0", "k7", "k8"])
    #expect(text.contains("Pictures of 3 of 9 volumes"))
    #expect(keys.allSatisfy { text.contains("<tr data-key=\"\($0)\"") }, "all are listed")
  }

  private func text(
    _ inputs: [String: [Packet]], _ absent: [String: [Absence]], _ parameters: [String: JSON]
  ) throws -> String { try text(inputs, absent: absent, parameters) }

  @Test func `hours are those that a review accepted`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "review.csv"
    try Files.write(
      Array("case,accepted,minutes\na,yes,45\nb,no,\nc,yes,30\nelsewhere,yes,600\n".utf8), path)
    let (inputs, absent) = try everything()
    let text = try text(inputs, absent: absent, ["review": .string(path)])
    #expect(!text.contains("not measured"))
    #expect(text.contains("<b>1.3</b> <span>2 of 3 reviewed masks accepted, of 3;"))
    for (line, words) in [
      ("a,maybe,1", "line 2 of the table does not say"),
      ("a,yes,", "line 2 of the table has no number"),
      ("a,yes,1\na,no,0", "line 3 of the table names a case that"), (",yes,1", "names no case"),
    ] {
      try Files.write(Array("case,accepted,minutes\n\(line)\n".utf8), path)
      let failure = #expect(throws: StageFailure.self) {
        _ = try plugin.stage("report.html", ["review": .string(path)])
      }
      #expect(failure?.parameter == "review" && failure?.message.contains(words) == true)
    }
  }
}
