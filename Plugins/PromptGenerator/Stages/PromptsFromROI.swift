internal import PonsGrids
internal import PonsKit

/// Makes prompts for SAM of a region of interest, and joins them with boxes and clicks that a site already has.
struct PromptsFromROI: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "the image that is prompted")
  static let roi = Input<MaskKind>(
    "roi", .each, "the region; every value but 0", optional: true, sameGrid: "volume")
  static let hints = Input<PromptsKind>(
    "hints", .each, "prompts that there are already: joined with those of the region",
    optional: true)
  static let prompts = Output<PromptsKind>(
    "prompts", .perCase, "boxes and points; the metadata say of how many hints")

  static let descriptor = StageDescriptor(
    id: "prompts.from-roi", version: "1",
    summary: "makes boxes and points for SAM of a region of interest",
    ports: [volume, roi, hints, prompts], parameters: PromptSettings.schema, concurrency: .parallel)

  private let settings: PromptSettings

  init(_ parameters: PromptSettings, _ context: Context) throws {
    try parameters.check()
    settings = parameters
  }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let roi = try context.optionalInput(Self.roi).map { try GridPacket($0, port: "roi") }
    if roi == nil, try context.optionalInput(Self.hints) == nil {
      throw StageFailure(
        .badParameter, code: "NOTHING_CONNECTED", "neither roi nor hints is connected",
        hint: "connect what prompts are made of, or use prompts.whole-image")
    }
    var list = PromptList()
    if let roi {
      try roi.require(volume.grid, port: "roi", "the region and the volume")
      list = try RegionPrompts(settings: settings, region: roi, volume: volume).make(context)
    }
    try list.send(
      context, to: Self.prompts, on: volume.grid, hints: Self.hints,
      source: roi == nil ? "hints" : "roi", step: settings.step)
  }
}

extension PromptSettings {
  /// - Throws: `StageFailure` of category `badParameter` when there would be no prompts at all.
  func check() throws {
    if !boxes, !foreground, !background {
      throw StageFailure(
        .badParameter, code: "NO_PROMPTS", "boxes, foreground and background are all false",
        hint: "set one of them to true", parameter: "boxes")
    }
  }
}
