internal import PonsFiles
internal import PonsKit

/// Gives cases the keys of other cases, by a table: a segmentation that somebody drew meets the images that it was drawn
/// on.
///
/// Every packet goes on as it is, under its new key. Cases that are not in the table fail.
struct CasesMap: Stage {
  static let volumes = (
    Input<VolumeKind>("volume", .each, "a volume", optional: true, groundTruth: true),
    Output<VolumeKind>("volume", .newCases, "the volume under its new key", caseKeys: true)
  )
  static let masks = (
    Input<MaskKind>("mask", .each, "a mask", optional: true, groundTruth: true),
    Output<MaskKind>("mask", .newCases, "the mask under its new key", caseKeys: true)
  )
  static let heatmaps = (
    Input<HeatmapKind>("heatmap", .each, "a heatmap", optional: true, groundTruth: true),
    Output<HeatmapKind>("heatmap", .newCases, "the heatmap under its new key", caseKeys: true)
  )
  static let labels = (
    Input<SliceLabelsKind>(
      "labels", .each, "classes of slices", optional: true, groundTruth: true),
    Output<SliceLabelsKind>(
      "labels", .newCases, "the classes of slices under their new key", caseKeys: true)
  )

  struct Parameters: StageParameters {
    enum Keys: String, Codable, Sendable { case pseudonym, name }

    var table: String
    var from: String
    var to: String
    var keys: Keys

    static let schema = [
      ParameterDescriptor(
        "table", .path, "a CSV file; its first line names the columns", isRequired: true),
      ParameterDescriptor(
        "from", .string,
        "the column with the cases that come in: their keys, or the names that their source has for them",
        defaultValue: "from"),
      ParameterDescriptor(
        "to", .string,
        "the column with the cases that they become: keys (c-...), or names as in phi/cases.tsv",
        defaultValue: "to"),
      ParameterDescriptor(
        "keys", .string,
        "what the keys of the cases named in 'to' are, as their source has it: pseudonyms, or the names",
        defaultValue: "pseudonym", allowed: ["pseudonym", "name"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "cases.map", version: "1", summary: "gives cases the keys of other cases, by a table",
    ports: [
      volumes.0, masks.0, heatmaps.0, labels.0, volumes.1, masks.1, heatmaps.1, labels.1,
    ], parameters: Parameters.schema, concurrency: .parallel, isTransient: true)

  private let mapping: CaseMapping

  init(_ parameters: Parameters, _ context: Context) throws {
    mapping = try CaseMapping(
      CSVTable(path: parameters.table), from: parameters.from, to: parameters.to,
      isPublic: parameters.keys == .name
    ) { try context.caseKey(of: $0, isPublic: $1) }
  }

  func process(_ context: Context) throws {
    try send(Self.volumes, context)
    try send(Self.masks, context)
    try send(Self.heatmaps, context)
    try send(Self.labels, context)
  }

  private func send<Kind>(_ ports: (Input<Kind>, Output<Kind>), _ context: Context) throws {
    guard let packet = try context.optionalInput(ports.0) else { return }
    guard let key = mapping.target(of: packet.caseKey) else {
      throw StageFailure(
        .badInput, code: "NOT_IN_TABLE", "the table does not say which case this one is",
        hint: "add a line for it: its name stands in phi/cases.tsv", parameter: "table")
    }
    if context.wanted(ports.1) { try context.forward(packet, to: ports.1, caseKey: key) }
  }
}
