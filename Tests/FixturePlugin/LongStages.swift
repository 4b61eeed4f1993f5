internal import Glibc
internal import PonsKit

/// Wants what the conformance suite has not.
struct Picky: Stage {
  static let model = Input<ModelKind>("model", .each, "a model of another kind")
  static let table = Output<TableKind>("table", .perCase, "never sent")
  static let descriptor = StageDescriptor(
    id: "fixture.picky", version: "1", summary: "refuses models", ports: [model, table])

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let architecture = try context.input(Self.model).metadata["architecture"]?.string ?? ""
    throw StageFailure(
      .badInput, code: "BAD_MODEL", "the model is a '\(architecture)', expected 'picky'")
  }
}

/// Takes a minute with its defaults, as a training does, and may be told to end.
struct Steps: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "not looked at")
  static let table = Output<TableKind>("table", .one, "how many steps there were")

  struct Parameters: StageParameters {
    var steps: Int
    static let schema = [
      ParameterDescriptor(
        "steps", .integer, "how many", defaultValue: 6000, minimum: 2, maximum: 10_000)
    ]
  }

  static let descriptor = StageDescriptor(
    id: "fixture.steps", version: "1", summary: "takes its time", ports: [volume, table],
    parameters: Parameters.schema)

  let steps: Int

  init(_ parameters: Parameters, _ context: Context) { steps = parameters.steps }

  func process(_ context: Context) throws {
    for step in 0..<steps {
      try context.progress(Double(step) / Double(steps))
      usleep(10_000)
    }
    try context.send(
      Self.table, table: Table([Table.Column("steps", .integers([Int64(steps)]))]))
  }
}

/// Takes a minute, and nothing makes it shorter.
struct Endless: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "not looked at")
  static let table = Output<TableKind>("table", .one, "never sent", optional: true)
  static let descriptor = StageDescriptor(
    id: "fixture.endless", version: "1", summary: "takes very long", ports: [volume, table])

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    for step in 0..<6000 {
      try context.progress(Double(step) / 6000)
      usleep(10_000)
    }
  }
}
