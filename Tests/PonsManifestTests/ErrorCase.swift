import PonsKit
import PonsManifest
import Testing

/// A manifest that is wrong, and everything that must be said about it.
struct ErrorCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var files: [String: String]
  var overlays: [String]
  var assignments: [String]
  var expected: String

  init(
    _ name: String, _ text: String, files: [String: String] = [:], overlays: [String] = [],
    assignments: [String] = [], expected: String
  ) {
    self.name = name
    self.text = text
    self.files = files
    self.overlays = overlays
    self.assignments = assignments
    self.expected = expected
  }

  var testDescription: String { name }

  /// What overlays and the command line change in these tests.
  static let base = """
    pons: 1
    name: t
    parameters:
      level: {type: number, default: 2}
    stages:
      read: {use: volume.read, with: {path: p}}
      f:
        use: volume.filter
        in: {volume: read.volume}
        with: {minimum: 5, method: mean, label: x, rounds: 3}
        overridable: {minimum: [0, 10], method: {enum: [mean, median]}, label: false, use: true}
    outputs: {o: f.volume}

    """

  /// Stages that break the rules for descriptors, or fit nowhere.
  static let strangers: [StageDescriptor] = [
    Fixture.stage(
      "bad.both", [Fixture.input("a", "volume"), Fixture.input("b", "volume", .all)],
      [Fixture.output("volume", "volume")]),
    Fixture.stage(
      "bad.grid", [Fixture.input("a", "volume", grid: "b")], [Fixture.output("volume", "volume")]),
    Fixture.stage("bad.one", [Fixture.input("a", "volume")], [Fixture.output("x", "model", .one)]),
    Fixture.stage(
      "all.optional", [Fixture.input("a", "volume", optional: true)],
      [Fixture.output("volume", "volume")]),
    Fixture.stage(
      "int.only", [Fixture.input("mask", "mask", types: [.int32, .int64])],
      [Fixture.output("mask", "mask")]),
    Fixture.stage(
      "model.fake", [Fixture.input("volume", "volume")], [Fixture.output("model", "model")]),
    Fixture.stage(
      "any.gather", [Fixture.input("packets", "any", .all)],
      [Fixture.output("table", "table", .one)]),
  ]

  /// All errors as one text.
  func found() throws -> String {
    var fixture = Fixture(text, files: files, overlays: overlays, assignments: assignments)
    fixture.stages += Self.strangers
    (fixture.reason, fixture.by) = ("a test", "tests")
    return try fixture.errors().map(\.description).joined(separator: "\n")
  }
}
