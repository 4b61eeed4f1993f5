import PonsKit
import PonsManifest
import Testing

/// Changes of guarded values say why and by whom, and are recorded.
@Suite struct GuardTests {
  private func fixture(_ overlay: String = "", _ assignments: [String] = []) -> Fixture {
    Fixture(
      ErrorCase.base,
      files: overlay.isEmpty ? [:] : ["site.yaml": "pons: 1\noverlay: site\n\(overlay)\n"],
      overlays: overlay.isEmpty ? [] : ["site.yaml"], assignments: assignments)
  }

  @Test(arguments: [
    ("", "'stages.f.with.minimum', and this change has no reason and no by"),
    (", reason: noise", "'stages.f.with.minimum', and this change has no by"),
    (", by: physics", "'stages.f.with.minimum', and this change has no reason"),
  ])
  func `an edit without reason or author is refused`(notes: String, message: String) throws {
    let errors = try fixture("set: [{path: stages.f.with.minimum, to: 6\(notes)}]").errors()
    #expect(errors.map(\.message) == ["the manifest guards " + message])
    #expect(errors[0].location.description == "site.yaml:3:14")
  }

  @Test func `what is not listed as overridable needs neither`() throws {
    #expect(try fixture("set: [{path: stages.f.with.rounds, to: 6}]").errors() == [])
    #expect(try fixture("set: [{path: stages.f.threads, to: 2}]").errors() == [])
    #expect(try fixture("set: [{path: parameters.level, to: 2}]").errors() == [])
  }

  @Test func `swaps and removals of guarded stages are changes of guarded values`() throws {
    let swap = try fixture("use: [{stage: f, use: volume.other, with: {radius: 2}}]").errors()
    #expect(swap.map(\.message).count == 1 && swap[0].message.contains("'stages.f.use'"))
    let removal = "remove: [stages.f]\nset: [{path: outputs.o, to: read.volume}]"
    #expect(
      try fixture(removal).errors().map(\.hint) == [
        "write {path: stages.f, reason: ..., by: ...} instead of the name alone"
      ])
    let good = removal.replacing("stages.f]", with: "{path: stages.f, reason: r, by: b}]")
    #expect(
      try fixture(good).graph().changes.map(\.json).last == [
        "path": "stages.f", "layer": "site", "guarded": true, "removed": true, "reason": "r",
        "by": "b",
      ])
    var fixed = fixture(good)
    fixed.files["m.yaml"] = ErrorCase.base.replacing("use: true", with: "use: false")
    #expect(try fixed.errors().map(\.message).first?.contains("may not be removed") == true)
  }

  @Test func `a parameter that brings a guarded value in is guarded in overlays`() throws {
    var fixture = fixture("set: [{path: parameters.level, to: 3}]")
    fixture.files["m.yaml"] = ErrorCase.base.replacing("minimum: 5", with: "minimum: '${level}'")
    #expect(try fixture.errors().count == 1)
    fixture.overlays = []
    fixture.assignments = ["level=3"]
    #expect(try fixture.errors() == [], "the command line gives each run its parameters")
    fixture.assignments = ["level=11"]
    #expect(try fixture.errors().count == 1, "but the range holds")
  }

  @Test func `the command line gives its reason with options`() throws {
    var fixture = fixture("", ["stages.f.with.minimum=6"])
    #expect(try fixture.errors().map(\.hint) == ["add --reason TEXT and --by NAME"])
    (fixture.reason, fixture.by) = ("dark scans", "physics")
    #expect(
      try fixture.graph().changes.map(\.json) == [
        [
          "path": "stages.f.with.minimum", "from": 5.0, "to": 6.0, "layer": "command line",
          "guarded": true, "reason": "dark scans", "by": "physics",
        ]
      ])
  }

  @Test func `records hold no paths, and no texts that nobody listed`() throws {
    let changes = try fixture(
      """
      set:
        - {path: stages.read.with.path, to: /data/Smith}
        - {path: stages.f.with.options, to: {a: Smith}}
        - {path: stages.f.with.method, to: median, reason: r, by: b}
        - {path: stages.f.in.volume, to: read.volume}
      """
    ).graph().changes
    #expect(changes.map(\.path).count == 4)
    #expect(changes[0].to == nil && changes[0].from == nil && changes[1].to == nil)
    #expect(changes[2].from == "mean" && changes[2].to == "median")
    #expect(changes[3].to == "read.volume")
  }
}
