internal import Glibc
internal import PonsKit
internal import PonsManifest

/// What a run was: its stages, how they were connected, and what whoever started it says about it. In `WORK/runs/<run>.json`.
struct RunRecord: Sendable {
  struct Stage: Sendable {
    var name: String
    /// Digest of its ``StageParts``.
    var parts: String
    /// All parameters, also those that results do not depend on.
    var parameters: [String: JSON]
    /// Names of parameters whose values are paths.
    var paths: Set<String>
    var inputs: [(port: String, stage: Int, output: String)]
  }

  var run: String
  /// Name of the graph.
  var name: String
  /// Seconds since 1970.
  var began: Int64
  var seed: UInt64
  var stages: [Stage]
  var outputs: [(name: String, stage: Int, output: String)]
  /// What whoever started the run says about it: manifest, origins of values, plugins.
  var about: JSON
}

extension RunRecord {
  var json: JSON {
    [
      "pons": 1, "run": .string(run), "name": .string(name), "began": .integer(began),
      "seed": .string(String(seed)), "about": about,
      "stages": .array(
        stages.map { stage in
          [
            "stage": .string(stage.name), "parts": .string(stage.parts),
            "parameters": .object(stage.parameters),
            "paths": .array(stage.paths.sorted().map(JSON.string)),
            "inputs": .array(
              stage.inputs.map {
                [.string($0.port), .integer(Int64($0.stage)), .string($0.output)]
              }),
          ]
        }),
      "outputs": .array(
        outputs.map { [.string($0.name), .integer(Int64($0.stage)), .string($0.output)] }),
    ]
  }

  init?(_ json: JSON) {
    guard let run = json["run"]?.string, let name = json["name"]?.string,
      let began = json["began"]?.integer, let seed = json["seed"]?.string.flatMap({ UInt64($0) }),
      let stages = json["stages"]?.array, let outputs = json["outputs"]?.array
    else { return nil }
    self.run = run
    self.name = name
    self.began = began
    self.seed = seed
    about = json["about"] ?? [:]
    func edge(_ json: JSON) -> (String, Int, String)? {
      guard let name = json[0]?.string, let stage = json[1]?.integer, let output = json[2]?.string,
        stages.indices.contains(Int(stage))
      else { return nil }
      return (name, Int(stage), output)
    }
    self.stages = stages.compactMap { stage in
      guard let name = stage["stage"]?.string, let parts = stage["parts"]?.string,
        let inputs = stage["inputs"]?.array
      else { return nil }
      return Stage(
        name: name, parts: parts, parameters: stage["parameters"]?.object ?? [:],
        paths: Set((stage["paths"]?.array ?? []).compactMap(\.string)),
        inputs: inputs.compactMap(edge).map { (port: $0.0, stage: $0.1, output: $0.2) })
    }
    self.outputs = outputs.compactMap(edge).map { (name: $0.0, stage: $0.1, output: $0.2) }
    guard self.stages.count == stages.count, self.outputs.count == outputs.count else { return nil }
  }
}

extension RunRecord {
  /// The record of a run that is about to begin.
  init(_ configuration: RunConfiguration, nodes: [Node], run: String) {
    self.run = run
    name = configuration.graph.name
    began = Int64(time(nil))
    seed = configuration.seed
    about = configuration.about
    stages = nodes.map { node in
      Stage(
        name: node.name, parts: node.keyPrefix, parameters: node.stage.parameters,
        paths: Set(
          node.descriptor.parameters.filter { $0.type == .path || $0.type == .array(.path) }
            .map(\.name)),
        inputs: node.ports.map { ($0.descriptor.name, $0.producer, $0.output) })
    }
    outputs = configuration.graph.outputs.map { ($0.name, $0.stage, $0.output) }
  }

  /// Writes it, with the parts of its stages.
  func save(work: String, nodes: [Node]) throws {
    for node in nodes { try node.parts.save(work: work, digest: node.keyPrefix) }
    try FileSystem.replace("\(work)/runs/\(run).json", with: json.pretty + "\n", mode: 0o600)
  }

  /// The record of a run; nil when it is not there or cannot be read.
  static func load(work: String, run: String) -> RunRecord? {
    guard let bytes = try? FileSystem.read("\(work)/runs/\(run).json") else { return nil }
    return (try? JSON(parsing: bytes)).flatMap(RunRecord.init)
  }

  /// The names of all runs in a work folder, the latest first.
  static func names(work: String) -> [String] {
    FileSystem.names(in: "\(work)/runs").filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }
      .sorted { Self.order($1).lexicographicallyPrecedes(Self.order($0)) }
  }

  /// A name is seconds, nanoseconds and process, as numbers.
  private static func order(_ run: String) -> [Int] {
    run.split(separator: "-").map { Int($0) ?? 0 }
  }
}
