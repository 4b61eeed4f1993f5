import PonsKit
import PonsManifest
import Testing

/// How overlays, bases and the command line change a manifest.
@Suite struct LayerTests {
  private static let manifest = """
    pons: 1
    name: t
    parameters:
      level: {type: number, default: 2}
      data: {type: path, default: images}
      word: {type: string, default: sub}
    plugins: [extra.so, /opt/plugins]
    stages:
      read: {use: volume.read, with: {path: "${data}"}}
      f:
        use: volume.filter
        in: {volume: read.volume}
        with: {minimum: 5, label: x, table: t.csv, tables: ["${word}/a", "${data}/b", c]}
    outputs: {o: f.volume}
    """

  private func fixture(_ files: [String: String], run: String, overlays: [String] = []) -> Fixture {
    var fixture = Fixture("", files: files, overlays: overlays)
    fixture.manifest = run
    return fixture
  }

  private func parameters(_ fixture: Fixture, _ stage: String) throws -> [String: JSON] {
    try #require(try fixture.graph().stages.first { $0.name == stage }).parameters
  }

  @Test func `overlays add parameters, stages and outputs, and take stages and outputs away`()
    throws
  {
    let overlay = """
      pons: 1
      overlay: more
      base: base/m
      add:
        parameters: {list: {type: path, default: t.csv}}
        stages:
          g: {use: volume.filter, in: {volume: read.volume}, with: {minimum: "${level}", table: "${list}"}}
        outputs: {extra: g.volume}
      remove: [outputs.o, stages.f]
      set:
        - {path: stages.g.with.rounds, to: 2}
      """
    var fixture = fixture(["base/m": Self.manifest, "more.yaml": overlay], run: "more.yaml")
    fixture.assignments = ["list=other.csv"]
    let graph = try fixture.graph()
    #expect(graph.stages.map(\.name).sorted() == ["g", "read"])
    #expect(try parameters(fixture, "g")["minimum"] == 2.0)
    #expect(try parameters(fixture, "g")["rounds"] == 2)
    #expect(try parameters(fixture, "g")["table"] == "other.csv")
    #expect(graph.outputs.map(\.name) == ["extra"])
    fixture.assignments = []
    #expect(try parameters(fixture, "g")["table"] == "t.csv")
  }

  @Test func `later layers win, and the command line last`() throws {
    func overlay(_ name: String, _ value: Int, from: Int) -> String {
      """
      pons: 1
      overlay: \(name)
      set:
        - {path: stages.f.with.minimum, from: \(from), to: \(value)}
        - {path: parameters.level, to: \(value)}
      """
    }
    var fixture = fixture(
      ["m": Self.manifest, "a": overlay("a", 6, from: 5), "b": overlay("b", 7, from: 6)], run: "m",
      overlays: ["a", "b"])
    #expect(try parameters(fixture, "f")["minimum"] == 7.0)
    fixture.assignments = ["stages.f.with.minimum=8", "stages.f.threads=2"]
    #expect(try parameters(fixture, "f")["minimum"] == 8.0)
    #expect(try fixture.graph().stages[1].threads == 2)
  }

  @Test func `an overlay with a base can be run itself`() throws {
    let files = [
      "lib/m.yaml": Self.manifest,
      "sites/a.yaml": """
      pons: 1
      overlay: a
      base: ../lib/m.yaml
      plugins: [mine.so]
      set: [{path: stages.f.with.minimum, to: 6}]
      """,
      "sites/b.yaml": """
      pons: 1
      overlay: b
      base: a.yaml
      set: [{path: stages.f.with.label, to: y}, {path: stages.f.with.table, to: u.csv}]
      """,
    ]
    var files2 = files
    files2["sites/../lib/m.yaml"] = Self.manifest
    let fixture = fixture(files2, run: "sites/b.yaml")
    let effective = try fixture.effective()
    #expect(effective.name == "t")
    #expect(
      effective.plugins.map(\.path) == ["sites/../lib/extra.so", "/opt/plugins", "sites/mine.so"])
    let values = try parameters(fixture, "f")
    #expect(values["minimum"] == 6.0)
    #expect(values["label"] == "y")
    #expect(values["table"] == "sites/u.csv")
    #expect(
      values["tables"] == ["sites/../lib/sub/a", "sites/../lib/images/b", "sites/../lib/c"])
  }

  @Test func `paths on the command line start in the working directory`() throws {
    var fixture = fixture(["dir/m.yaml": Self.manifest], run: "dir/m.yaml")
    #expect(try parameters(fixture, "read")["path"] == "dir/images")
    fixture.assignments = ["data=here/x", "stages.f.with.table=t2.csv"]
    #expect(try parameters(fixture, "read")["path"] == "here/x")
    #expect(try parameters(fixture, "f")["table"] == "t2.csv")
    #expect(try parameters(fixture, "f")["tables"] == ["dir/sub/a", "here/x/b", "dir/c"])
    fixture.assignments = ["data=/abs"]
    #expect(try parameters(fixture, "f")["tables"] == ["dir/sub/a", "/abs/b", "dir/c"])
  }

  @Test func `bases that form a loop are refused`() throws {
    func overlay(_ base: String) -> String { "pons: 1\noverlay: a\nbase: \(base)\n" }
    let fixture = fixture(["a": overlay("b"), "b": overlay("./a"), "./a": overlay("b")], run: "a")
    #expect(
      try fixture.errors().map(\.description) == [
        "b:3:7: error: the bases form a loop: a -> b -> a\n  one of them must be a manifest"
      ])
  }

  @Test func `a chain of bases has an end`() throws {
    var files: [String: String] = [:]
    for index in 0..<40 {
      files["o\(index)"] = "pons: 1\noverlay: a\nbase: o\(index + 1)\n"
    }
    let errors = try fixture(files, run: "o0").errors()
    #expect(errors.map(\.message) == ["more than 16 overlays are based on each other"])
  }

  @Test func `a base that is not there is named where it is written`() throws {
    let fixture = fixture(["a": "pons: 1\noverlay: a\nbase: lib/none.yaml\n"], run: "a")
    #expect(
      try fixture.errors().map(\.description) == [
        "a:3:7: error: 'lib/none.yaml' cannot be read: no such file"
      ])
  }

  @Test func `an overlay without base cannot be run`() throws {
    let fixture = fixture(["a": "pons: 1\noverlay: a\n"], run: "a")
    #expect(
      try fixture.errors().map(\.message) == [
        "this is an overlay without 'base', which cannot be run by itself"
      ])
  }

  @Test func `an overlay's base may be named in another way than the file that is run`() throws {
    let overlay = "pons: 1\noverlay: a\nbase: ../m.yaml\n"
    let files = [
      "/abs/m.yaml": Self.manifest, "sites/../m.yaml": Self.manifest, "sites/a": overlay,
    ]
    #expect(try fixture(files, run: "/abs/m.yaml", overlays: ["sites/a"]).errors() == [])
    #expect(
      try fixture(
        ["m.yaml": Self.manifest, "sites/a": overlay], run: "m.yaml",
        overlays: ["sites/a"]
      ).errors() == [])
  }

  @Test func `an overlay for a base may be given to what is made of it`() throws {
    let files = [
      "m.yaml": Self.manifest, "sites/a": "pons: 1\noverlay: a\nbase: ../m.yaml\n",
      "demo": "pons: 1\noverlay: demo\nbase: m.yaml\n",
    ]
    #expect(try fixture(files, run: "demo", overlays: ["sites/a"]).errors() == [])
    #expect(
      try fixture(files, run: "m.yaml", overlays: ["demo", "sites/a"]).errors() == [],
      "another overlay changes nothing about that")
  }

  @Test func `a swap brings its own settings and nothing else`() throws {
    let overlay = """
      pons: 1
      overlay: a
      use:
        - {stage: f, use: volume.other, with: {radius: 2}, reason: softer, by: me}
      set:
        - {path: stages.f.retries, to: 3}
      """
    let fixture = fixture(["m": Self.manifest, "a": overlay], run: "m", overlays: ["a"])
    let stage = try fixture.graph().stages[1]
    #expect(stage.descriptor.id == "volume.other")
    #expect(stage.parameters == ["radius": 2.0])
    #expect(stage.retries == 3)
    let text = try fixture.effective().rendered(origins: true)
    #expect(text.contains("use: volume.other  # a:4:21, overlay a, reason: softer, by: me\n"))
  }

  @Test func `an edit of a stage that is swapped later is still checked`() throws {
    let files = [
      "m": Self.manifest,
      "a": "pons: 1\noverlay: a\nset: [{path: stages.f.with.minimum, to: much}]\n",
      "b": "pons: 1\noverlay: b\nuse: [{stage: f, use: volume.other, with: {radius: 2}}]\n",
    ]
    #expect(
      try fixture(files, run: "m", overlays: ["a", "b"]).errors().map(\.location.description)
        == ["a:3:41"])
  }

  @Test func `a locked manifest opens what it lists`() throws {
    let locked =
      Self.manifest.replacing(
        "    with: {minimum: 5",
        with: "    overridable: {minimum: [0, 10], use: true, threads: true}\n    with: {minimum: 5"
      )
      + "\nlocked: true\n"
    var fixture = fixture(["m": locked], run: "m")
    (fixture.reason, fixture.by) = ("a test", "tests")
    fixture.assignments = ["stages.f.with.minimum=6", "level=4", "stages.f.threads=2"]
    #expect(try parameters(fixture, "f")["minimum"] == 6.0)
    fixture.assignments = ["stages.f.with.minimum=${level}", "level=11"]
    #expect(try fixture.errors().count == 1)
    fixture.assignments = []
    fixture.files["a"] =
      "pons: 1\noverlay: a\nuse: [{stage: f, use: volume.other, with: {radius: 2}, reason: r, by: b}]\n"
    fixture.overlays = ["a"]
    #expect(try fixture.graph().stages[1].descriptor.id == "volume.other")
  }

  @Test func `a parameter that nothing uses is a warning`() throws {
    let fixture = fixture(["m": Self.manifest], run: "m")
    #expect(
      try fixture.effective().warnings.map(\.description) == [
        "m:4:3: warning: the parameter 'level' is declared and not used\n  refer to it with ${level}, or remove it"
      ])
  }

  @Test(arguments: ["t.csv", "../dir/t.csv", "./../dir/t.csv"])
  func `a path is expected as the manifest writes it, or as seen from the overlay`(
    _ from: String
  ) throws {
    func overlay(_ from: String) -> String {
      "pons: 1\noverlay: a\nset: [{path: stages.f.with.table, from: \(from), to: u.csv}]\n"
    }
    var fixture = fixture(
      ["dir/m": Self.manifest, "sites/a": overlay(from)], run: "dir/m", overlays: ["sites/a"])
    #expect(try parameters(fixture, "f")["table"] == "sites/u.csv")
    fixture.files["sites/a"] = overlay("x.csv")
    #expect(try fixture.errors().count == 1)
  }
}
