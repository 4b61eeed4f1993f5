import PonsKit
import PonsManifest
import Testing

/// Golden cases: parameters that make them the input, and outputs that are compared.
@Suite struct GoldenTests {
  private static let manifest = """
    pons: 1
    name: t
    parameters:
      input: {type: path, required: true}
      level: {type: number, default: 2, maximum: 10}
    stages:
      read: {use: volume.read, with: {path: "${input}"}}
      f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: "${level}"}}
    outputs: {o: f.volume}
    golden: {set: {input: cases, level: 4}, outputs: [o], max_dice_drop: 0.02, truth: drawn}
    """

  private func fixture(_ text: String = manifest, at path: String = "lib/m.yaml") -> Fixture {
    var fixture = Fixture("", files: [path: text])
    fixture.manifest = path
    return fixture
  }

  @Test func `golden values take the place of defaults when they are asked for`() throws {
    var request = fixture().request
    let usual = try EffectiveManifest(request)
    #expect(
      usual.golden
        == GoldenCases(outputs: ["o"], maximumDiceDrop: 0.02, truth: "lib/drawn"))
    #expect(throws: ManifestErrors.self) { try usual.graph(stages: Fixture.stages) }
    request.isGolden = true
    let golden = try EffectiveManifest(request).graph(stages: Fixture.stages)
    #expect(golden.stages[0].parameters["path"] == "lib/cases")
    #expect(golden.stages[1].parameters["minimum"] == 4.0)
    request.assignments = ["input=mine"]
    let own = try EffectiveManifest(request).graph(stages: Fixture.stages)
    #expect(own.stages[0].parameters["path"] == "mine", "the command line is the last layer")
    #expect(own.changes.map(\.path) == ["parameters.input"], "golden values are no changes")
  }

  @Test(arguments: [
    ("level: 4", "levle: 4", "'golden' sets 'levle', which is no parameter of the manifest"),
    (
      "level: 4", "level: 11",
      "'level' of the golden cases is 11, greater than the greatest value allowed, 10"
    ),
    ("[o]", "[p]", "'golden' compares the output 'p', which there is not"),
    ("[o]", "[]", "'golden' compares no output"),
    ("0.02", "2", "'max_dice_drop' is a difference of Dice, from 0 to 1"),
    ("0.02", "much", "'max_dice_drop' must be a number, found 'much'"),
    ("truth:", "treuth:", "unknown key 'treuth' in 'golden'"),
  ])
  func `mistakes are told`(text: String, wrong: String, message: String) throws {
    var fixture = fixture(Self.manifest.replacing(text, with: wrong))
    fixture.assignments = ["input=x"]
    #expect(try fixture.errors().map(\.message) == [message])
  }

  @Test func `an overlay may not take the compared output away`() throws {
    var fixture = fixture()
    fixture.assignments = ["input=x"]
    fixture.files["site.yaml"] = """
      pons: 1
      overlay: site
      add: {outputs: {other: f.volume}}
      remove: [outputs.o]
      """
    fixture.overlays = ["site.yaml"]
    #expect(
      try fixture.errors().map(\.message) == [
        "'golden' compares the output 'o', which there is not"
      ])
  }

  @Test func `the effective manifest has them, as seen from the working directory`() throws {
    let text = try fixture().effective().rendered(origins: false, stages: Fixture.stages)
    let again = try fixture(text, at: "m.yaml").effective()
    #expect(again.golden == (try fixture().effective().golden))
    var request = fixture(text, at: "m.yaml").request
    request.isGolden = true
    let graph = try EffectiveManifest(request).graph(stages: Fixture.stages)
    #expect(graph.stages[0].parameters["path"] == "lib/cases")
  }

  @Test func `an overlay names its base`() throws {
    let files = [
      "a/site.yaml": "pons: 1\noverlay: site\nbase: ../m.yaml\n", "m.yaml": Self.manifest,
    ]
    func base(_ file: String) throws -> String? {
      try EffectiveManifest.base(of: file) { path in
        guard let text = files[path] else { throw Fixture.NotFound() }
        return Array(text.utf8)
      }
    }
    #expect(try base("a/site.yaml") == "a/../m.yaml")
    #expect(try base("m.yaml") == nil)
    #expect(throws: ManifestErrors.self) { try base("none.yaml") }
  }
}
