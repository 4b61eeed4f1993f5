internal import PonsGrids
internal import PonsKit

/// Prompts from a file: boxes and clicks that somebody made elsewhere. See ``PromptFile`` for what is in it.
struct PromptsFromJSON: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "the image that is prompted; every row must lie in it")
  static let roi = Input<MaskKind>(
    "roi", .each, "not looked at; there so that the stage can take the place of others",
    optional: true)
  static let hints = Input<PromptsKind>(
    "hints", .each, "prompts that there are already: joined with those of the file", optional: true)
  static let prompts = Output<PromptsKind>("prompts", .perCase, "boxes and points of the case")

  struct Parameters: StageParameters {
    enum Missing: String, Codable, Sendable { case fail, empty }

    var path: String
    var missing: Missing

    static let schema = [
      ParameterDescriptor(
        "path", .path,
        "a JSON file: {\"boxes\": [[z, x0, y0, x1, y1], ...], \"points\": [[z, x, y, label], ...]} for all cases, or "
          + "{\"cases\": {CASE: {...}, ...}}; voxel indices, boxes half-open", isRequired: true),
      ParameterDescriptor(
        "missing", .string,
        "what becomes of a case that the file does not name: it fails, or goes on without prompts",
        defaultValue: "fail", allowed: ["fail", "empty"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "prompts.from-json", version: "1", summary: "reads boxes and points for SAM from a file",
    ports: [volume, roi, hints, prompts], parameters: Parameters.schema, concurrency: .parallel)

  private let file: PromptFile
  private let missing: Parameters.Missing

  init(_ parameters: Parameters, _ context: Context) throws {
    file = try PromptFile(path: parameters.path) { try context.caseKey(of: $0, isPublic: $1) }
    missing = parameters.missing
  }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let list = try file.prompts(of: volume.packet.caseKey, within: volume.size)
    guard let list = list ?? (missing == .empty ? PromptList() : nil) else {
      throw StageFailure(
        .badInput, code: "NOT_IN_FILE", "the file of prompts does not name this case",
        hint: "add it under 'cases' (its name stands in phi/cases.tsv), or set missing: empty",
        parameter: "path")
    }
    try list.send(context, to: Self.prompts, on: volume.grid, hints: Self.hints, source: "file")
  }
}
