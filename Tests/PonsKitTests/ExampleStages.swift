import PonsKit

/// A filter as an author writes one.
struct ThresholdFilter: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what to measure")
  static let hint = Input<MaskKind>("hint", .each, "where to measure", optional: true)
  static let kept = Output<VolumeKind>("kept", .perCase, "the cases that stay")

  struct Parameters: StageParameters, Codable {
    var statistic: String
    var minimum: Double?
    var levels: [Int]

    static let schema = [
      ParameterDescriptor(
        "statistic", .string, "what is measured", defaultValue: "mean", allowed: ["mean", "max"]),
      ParameterDescriptor("minimum", .number, "less is dropped", minimum: -1000, maximum: 1000),
      ParameterDescriptor("levels", .array(.integer), defaultValue: [1, 2], minimum: 0),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "test.threshold", version: "1", summary: "keeps bright volumes",
    ports: [volume, hint, kept], parameters: Parameters.schema, concurrency: .parallel)

  let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    if parameters.levels == [13] {
      throw StageFailure(.badParameter, code: "UNLUCKY", "13 is unlucky", parameter: "levels")
    }
    self.parameters = parameters
  }

  func process(_ context: Context) throws {
    try context.progress(0.5, "measuring")
    let packet = try context.input(Self.volume)
    _ = try context.optionalInput(Self.hint)
    let value = try packet.voxels.withSpan(of: Float.self) { voxels in
      var sum: Float = 0
      for index in voxels.indices { sum += voxels[index] }
      return Double(sum) / Double(voxels.count)
    }
    if value < parameters.minimum ?? -.infinity {
      try context.drop(score: value, reason: "too dark")
    } else {
      try context.forward(packet, to: Self.kept)
    }
  }
}

/// A source of one synthetic case.
struct Synthetic: SourceStage {
  static let volume = Output<VolumeKind>("volume")
  static let descriptor = StageDescriptor(
    id: "test.synthetic", version: "1", summary: "makes a volume", ports: [volume])

  init(_ parameters: NoParameters, _ context: Context) {}

  func enumerate(_ context: Context) throws {
    try context.announce(SourceCase(name: "a", isPublic: true, files: ["/x/y", "/x/z"]))
  }

  struct OddError: Error, CustomStringConvertible { var description: String { "odd" } }

  func read(_ name: String, _ context: Context) throws {
    if name == "odd" { throw OddError() }
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: [1, 2, 3], type: .int16),
      metadata: ["modality": "MR"]
    ) { draft in
      let voxels = try draft.elements("voxels", of: Int16.self)
      for index in voxels.indices { voxels[index] = Int16(index) }
      try draft.shrink("voxels", to: [1, 2, 2])
      draft.metadata["rescaled"] = true
      if name == "late" { throw OddError() }
    }
  }
}

/// Two stages of one id: a mistake that the host must hear about.
let broken = Plugin("broken", version: "1", stages: [Synthetic.self, Synthetic.self])
let example = Plugin("example", version: "1", stages: [ThresholdFilter.self, Synthetic.self])
