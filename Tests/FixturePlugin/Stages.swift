internal import PonsKit
internal import Synchronization

/// A source of synthetic volumes: voxel i of case n is n + i.
struct Numbers: SourceStage {
  static let volume = Output<VolumeKind>("volume", .perCase, "a small volume")

  struct Parameters: StageParameters {
    var count: Int
    var edge: Int
    static let schema = [
      ParameterDescriptor("count", .integer, "cases", defaultValue: 3, minimum: 0, maximum: 10_000),
      ParameterDescriptor(
        "edge", .integer, "voxels along each axis", defaultValue: 2, minimum: 1, maximum: 1024),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "fixture.numbers", version: "1", summary: "makes volumes", ports: [volume],
    parameters: Parameters.schema, concurrency: .parallel, isTransient: true)

  let count: Int
  let edge: Int

  init(_ parameters: Parameters, _ context: Context) {
    count = parameters.count
    edge = parameters.edge
  }

  func enumerate(_ context: Context) throws {
    for index in 0..<count {
      try context.announce(SourceCase(name: "n\(index)", isPublic: true, fingerprint: "\(index)"))
    }
    try context.skipped(code: "EMPTY", "an empty case", count: 2)
  }

  func read(_ name: String, _ context: Context) throws {
    guard let number = Int(name.dropFirst()) else {
      throw StageFailure(.badInput, code: "NO_NUMBER", "the case has no number", hint: "Use n0.")
    }
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: [edge, edge, edge], type: .float32),
      metadata: ["modality": "CT"], sidecar: ["from": .string(name)]
    ) { draft in
      let voxels = try draft.elements("voxels", of: Float.self)
      for index in voxels.indices { voxels[index] = Float(number + index) }
      try draft.fillAffine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    }
  }
}

/// Sends on what comes in: the cheapest stage there is.
struct Relay: Stage {
  static let packet = Input<AnyKind>("packet", .each, "anything")
  static let sent = Output<VolumeKind>("packet", .perCase, "the same")
  static let descriptor = StageDescriptor(
    id: "fixture.relay", version: "1", summary: "sends on what comes in", ports: [packet, sent],
    concurrency: .parallel)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    try context.forward(context.input(Self.packet), to: Self.sent)
  }
}

/// Adds to every voxel.
struct Brighten: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what to change", elementTypes: [.float32])
  static let changed = Output<VolumeKind>("volume", .perCase, "the result", sameGrid: "volume")

  struct Parameters: StageParameters {
    var offset: Double
    static let schema = [
      ParameterDescriptor("offset", .number, "what to add", defaultValue: 1, unit: "HU")
    ]
  }

  static let descriptor = StageDescriptor(
    id: "fixture.brighten", version: "1", summary: "adds to every voxel", ports: [volume, changed],
    parameters: Parameters.schema, concurrency: .parallel)

  let offset: Float

  init(_ parameters: Parameters, _ context: Context) { offset = Float(parameters.offset) }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    let voxels = try packet.voxels
    let affine = try packet.affine
    try context.send(
      Self.changed, tensors: VolumeKind.tensors(shape: voxels.shape, type: .float32),
      metadata: packet.metadata.object ?? [:]
    ) { draft in
      let output = try draft.elements("voxels", of: Float.self)
      try voxels.withElements(of: Float.self) { input in
        for index in input.indices {
          if index & 0xffff == 0 { try context.checkCancelled() }
          output[index] = input[index] + offset
        }
      }
      try draft.fillAffine(affine)
    }
  }
}

/// A table with the mean of every case.
final class MeanOfAll: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "what to measure")
  static let table = Output<TableKind>("table", .one, "one row a case")
  static let descriptor = StageDescriptor(
    id: "fixture.mean-of-all", version: "1", summary: "measures all cases", ports: [volume, table],
    concurrency: .perInstance)

  private let calls = Mutex(0)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    calls.withLock { $0 += 1 }
    var keys: [String] = []
    var means: [Double] = []
    let all = try context.inputs(Self.volume)
    try all.forEach { packet in
      keys.append(packet.caseKey)
      let values = try packet.voxels.array(of: Float.self)
      means.append(Double(values.reduce(0, +)) / Double(max(1, values.count)))
      try context.progress(Double(keys.count) / Double(all.count))
    }
    try context.send(
      Self.table,
      table: Table([
        Table.Column("case", .strings(keys)), Table.Column("mean", .numbers(means), unit: "HU"),
      ]))
  }
}

/// A table of the cases that came, and of those that did not.
struct RollCall: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "who comes", absent: true)
  static let table = Output<TableKind>("table", .one, "one row a case")
  static let descriptor = StageDescriptor(
    id: "fixture.roll-call", version: "1", summary: "lists all cases", ports: [volume, table],
    concurrency: .parallel)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let all = try context.inputs(Self.volume)
    let present = try (0..<all.count).map { try all.packet(at: $0).caseKey }
    let absent = try all.absent
    try context.send(
      Self.table,
      table: Table([
        Table.Column("case", .strings(present + absent.map(\.caseKey))),
        Table.Column(
          "fate",
          .strings(
            present.map { _ in "present" }
              + absent.map { "\($0.fate) at \($0.stage): \($0.code), \($0.reason)" })),
        Table.Column(
          "score", .numbers(present.map { _ in 1 } + absent.map { $0.score ?? -1 })),
        Table.Column(
          "rank", .integers(present.map { _ in 0 } + absent.map { Int64($0.rank ?? -1) })),
      ]))
  }
}
