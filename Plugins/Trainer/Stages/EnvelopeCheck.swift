internal import PonsGrids
internal import PonsKit

/// Refuses cases that no preprocessing makes like those a model was trained on: another modality, other slices.
///
/// It comes right behind the reader, so that a case is refused for what is wrong with it, and not for what that makes of it
/// later. The rest (orientation, brain volume, intensities) is known after preprocessing only, and unet3d.predict
/// checks all of it, whether or not this stage is in the manifest.
struct EnvelopeCheck: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "as it was read")
  static let model = Input<ModelKind>("model", .once, "of unet3d.train or model.read")
  static let passed = Output<VolumeKind>("volume", .perCase, "the same volume")

  /// A parameter that unet3d.predict has, too.
  static let margin = ParameterDescriptor(
    "envelope_margin", .number,
    "how far beyond the smallest and largest value of the training cases a case may be, as a share of the value",
    defaultValue: 0.25, minimum: 0, maximum: 10)

  struct Parameters: StageParameters {
    var envelope_margin: Double

    static let schema = [EnvelopeCheck.margin]
  }

  static let descriptor = StageDescriptor(
    id: "envelope.check", version: "1",
    summary: "refuses cases unlike those that a model was trained on",
    ports: [volume, model, passed],
    parameters: Parameters.schema, concurrency: .parallel, takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let envelope = try Envelope(context.input(Self.model).metadata["envelope"])
    let packet = try context.input(Self.volume)
    let facts = try CaseFacts(GridPacket(packet, port: "volume"))
    try envelope.check(facts, at: .read, margin: parameters.envelope_margin)
    try context.forward(packet, to: Self.passed)
  }
}
