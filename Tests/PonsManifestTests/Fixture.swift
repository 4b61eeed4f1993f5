import PonsKit
import PonsManifest

/// A manifest, the files beside it, and the stages that tests use.
struct Fixture {
  var files: [String: String]
  var manifest = "m.yaml"
  var overlays: [String] = []
  var assignments: [String] = []
  /// Why the command line changes something, and who.
  var reason: String?
  var by: String?
  var stages = Fixture.stages

  init(
    _ text: String, files: [String: String] = [:], overlays: [String] = [],
    assignments: [String] = []
  ) {
    self.files = files
    if files["m.yaml"] == nil { self.files["m.yaml"] = text }
    self.overlays = overlays
    self.assignments = assignments
  }

  struct NotFound: Error, CustomStringConvertible {
    var description: String { "no such file" }
  }

  var request: ManifestRequest {
    ManifestRequest(
      manifest: manifest, overlays: overlays, assignments: assignments, reason: reason, by: by
    ) { path in
      guard let text = files[path] else { throw NotFound() }
      return Array(text.utf8)
    }
  }

  func effective() throws -> EffectiveManifest { try EffectiveManifest(request) }

  func graph(requiringValues: Bool = true) throws -> Graph {
    try effective().graph(stages: stages, requiringValues: requiringValues)
  }

  /// What is wrong with it, as people see it; empty when nothing is.
  func errors() throws -> [Diagnostic] {
    do throws(ManifestErrors) {
      _ = try EffectiveManifest(request).graph(stages: stages)
      return []
    } catch {
      return error.diagnostics
    }
  }

  static func input(
    _ name: String, _ kind: String, _ cardinality: InputCardinality = .each, optional: Bool = false,
    truth: Bool = false, unjoined: Bool = false, types: [ElementType] = [], grid: String? = nil
  ) -> PortDescriptor {
    PortDescriptor(
      name: name, kind: kind, flow: .input(cardinality), isOptional: optional, isGroundTruth: truth,
      isUnjoined: unjoined, elementTypes: types, sameGrid: grid)
  }

  static func output(
    _ name: String, _ kind: String, _ cardinality: OutputCardinality = .perCase,
    truth: Bool = false, keys: Bool = false, types: [ElementType] = []
  ) -> PortDescriptor {
    PortDescriptor(
      name: name, kind: kind, flow: .output(cardinality), isGroundTruth: truth,
      sendsCaseKeys: keys, elementTypes: types)
  }

  static func stage(
    _ id: String, _ inputs: [PortDescriptor] = [], _ outputs: [PortDescriptor] = [],
    _ parameters: [ParameterDescriptor] = [], terminal: Bool = false
  ) -> StageDescriptor {
    StageDescriptor(
      id: id, version: "1", summary: "", inputs: inputs, outputs: outputs, parameters: parameters,
      isTerminal: terminal, isSource: inputs.isEmpty)
  }

  static let stages: [StageDescriptor] = [
    stage(
      "volume.read", [], [output("volume", "volume", types: [.int16, .float32])],
      [
        ParameterDescriptor("path", .path, isRequired: true),
        ParameterDescriptor("recursive", .boolean, defaultValue: false),
      ]),
    stage(
      "phantom.brain", [],
      [output("volume", "volume"), output("truth", "mask", truth: true)],
      [ParameterDescriptor("count", .integer, defaultValue: 3, minimum: 1, maximum: 100)]),
    stage(
      "volume.filter", [input("volume", "volume")], [output("volume", "volume")],
      [
        ParameterDescriptor("minimum", .number, defaultValue: 0, maximum: 1000, unit: "HU"),
        ParameterDescriptor("label", .string),
        ParameterDescriptor(
          "method", .string, allowed: ["mean", "median", "maximum"]),
        ParameterDescriptor("sizes", .array(.integer), minimum: 1),
        ParameterDescriptor("options", .object),
        ParameterDescriptor("table", .path),
        ParameterDescriptor("tables", .array(.path)),
        ParameterDescriptor("rounds", .integer),
        ParameterDescriptor("fast", .boolean),
      ]),
    stage(
      "volume.other", [input("volume", "volume")], [output("volume", "volume")],
      [ParameterDescriptor("radius", .number, isRequired: true, minimum: 0, unit: "mm")]),
    stage(
      "volume.write", [input("volume", "volume", types: [.int16, .float32, .uint8])],
      [output("files", "files")],
      [ParameterDescriptor("format", .string, defaultValue: "nii.gz", allowed: ["nii", "nii.gz"])],
      terminal: true),
    stage("volume.slices", [input("volume", "volume")], [output("slices", "volume", .newCases)]),
    stage(
      "mask.rename", [input("mask", "mask", truth: true)],
      [output("mask", "mask", .newCases, keys: true)]),
    stage("mask.make", [input("volume", "volume")], [output("mask", "mask", types: [.uint8])]),
    stage("mask.join", [input("a", "mask"), input("b", "mask")], [output("mask", "mask")]),
    stage(
      "model.train",
      [
        input("volume", "volume", .all), input("mask", "mask", .all),
        input("extra", "volume", .all, optional: true, unjoined: true),
      ], [output("model", "model", .one)],
      [ParameterDescriptor("epochs", .integer, defaultValue: 10, minimum: 1)]),
    stage(
      "model.predict",
      [input("volume", "volume", .each, types: [.float32]), input("model", "model", .once)],
      [output("mask", "mask", types: [.uint8])]),
    stage(
      "mask.evaluate", [input("mask", "mask"), input("truth", "mask", truth: true)],
      [output("scores", "table")]),
    stage("any.count", [input("packet", "any")], [output("table", "table")]),
  ]
}
