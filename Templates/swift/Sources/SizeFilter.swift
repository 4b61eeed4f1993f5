import PonsKit

/// Keeps volumes that have enough voxels.
struct SizeFilter: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is measured")
  static let kept = Output<VolumeKind>("volume", .perCase, "the volumes that stay")

  struct Parameters: StageParameters {
    var minimum: Double

    static let schema = [
      ParameterDescriptor(
        "minimum", .number, "volumes with fewer voxels are dropped", defaultValue: 1)
    ]
  }

  static let descriptor = StageDescriptor(
    id: "@ID@", version: "1", summary: "keeps volumes that are large enough",
    ports: [volume, kept], parameters: Parameters.schema, concurrency: .parallel)

  private let minimum: Double

  init(_ parameters: Parameters, _ context: Context) { minimum = parameters.minimum }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    let count = Double(try packet.voxels.shape.reduce(1, *))
    if count < minimum {
      try context.drop(score: count, reason: "\(count) voxels")
    } else {
      try context.keep(score: count, reason: "\(count) voxels")
      try context.forward(packet, to: Self.kept)
    }
  }
}
