internal import PonsGrids
internal import PonsKit

/// Makes prompts for SAM of a mask, for the second look of S3F: without growth and points, unless they are asked for.
struct PromptsFromMask: Stage {
  static let mask = Input<MaskKind>("mask", .each, "a segmentation; every value but 0")
  static let volume = Input<VolumeKind>(
    "volume", .each, "the image, for foreground points", optional: true, sameGrid: "mask")
  static let prompts = Output<PromptsKind>("prompts", .perCase, "boxes and points")

  struct Parameters: StageParameters {
    let settings: PromptSettings

    static let schema = PromptSettings.descriptors(growth: 0, foreground: false)

    init(from decoder: any Decoder) throws { settings = try PromptSettings(from: decoder) }
  }

  static let descriptor = StageDescriptor(
    id: "prompts.from-mask", version: "1", summary: "makes boxes and points for SAM of a mask",
    ports: [mask, volume, prompts], parameters: Parameters.schema, concurrency: .parallel)

  private let settings: PromptSettings

  init(_ parameters: Parameters, _ context: Context) throws {
    settings = parameters.settings
    try settings.check()
  }

  func process(_ context: Context) throws {
    let mask = try GridPacket(context.input(Self.mask), port: "mask")
    let volume = try context.optionalInput(Self.volume).map { try GridPacket($0, port: "volume") }
    try volume?.require(mask.grid, port: "volume", "the volume and the mask")
    if settings.foreground, volume == nil {
      throw StageFailure(
        .badParameter, code: "NOTHING_CONNECTED", "foreground points need the volume",
        hint: "connect volume, or set foreground: false", parameter: "foreground", port: "volume")
    }
    let list = try RegionPrompts(settings: settings, region: mask, volume: volume).make(context)
    try list.send(
      context, to: Self.prompts, on: mask.grid,
      metadata: ["source": "mask", "step": .integer(Int64(settings.step))])
  }
}
