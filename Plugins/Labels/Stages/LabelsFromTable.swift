internal import PonsFiles
internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Takes the classes of slices from a table: of reports, or of a worklist that somebody went through.
struct LabelsFromTable: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "the case; its slices are counted")
  static let labels = Output<SliceLabelsKind>("labels", .perCase, "a class a slice")

  struct Parameters: StageParameters {
    enum Missing: String, Codable, Sendable { case fail, unlabelled }

    var table: String
    var classes: [String]
    var first_slice: Int
    var unlisted: String?
    var missing: Missing

    static let schema = [
      ParameterDescriptor(
        "table", .path,
        "a CSV file with the columns case (key, or the name that the source has), slice (a number, a range like 12-20, "
          + "or all) and label (a class, or nothing)", isRequired: true),
      LabelParameters.classes,
      ParameterDescriptor(
        "first_slice", .integer, "the number of a volume's first slice in the table",
        defaultValue: 0, allowed: [0, 1]),
      ParameterDescriptor(
        "unlisted", .string, "the class of slices that the table does not list; none when not set"),
      ParameterDescriptor(
        "missing", .string, "what becomes of cases that the table does not name",
        defaultValue: "fail", allowed: ["fail", "unlabelled"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "labels.from-table", version: "1", summary: "takes the classes of slices from a table",
    ports: [volume, labels], parameters: Parameters.schema, concurrency: .parallel)

  private let parameters: Parameters
  private let table: LabelTable
  private let unlisted: Int?

  init(_ parameters: Parameters, _ context: Context) throws {
    try LabelParameters.check(parameters.classes)
    self.parameters = parameters
    unlisted = try parameters.unlisted.map { name in
      guard let number = parameters.classes.firstIndex(of: name) else {
        throw StageFailure(
          .badParameter, "there is no class '\(name)'",
          hint: "the classes are: \(parameters.classes.joined(separator: ", "))",
          parameter: "unlisted")
      }
      return number
    }
    table = try LabelTable(
      CSVTable(path: parameters.table), classes: parameters.classes, first: parameters.first_slice
    ) { try context.caseKey(of: $0, isPublic: $1) }
  }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let count = volume.size.z
    var labels = [Int?](repeating: nil, count: count)
    if let found = try table.labels(of: volume.packet.caseKey, slices: count) {
      labels = found.map { $0 ?? unlisted }
    } else if parameters.missing == .fail {
      throw StageFailure(
        .badInput, code: "NOT_IN_TABLE", "the table does not name this case",
        hint: "add lines for it (its name stands in phi/cases.tsv), or set missing: unlabelled",
        parameter: "table")
    }
    try context.send(
      Self.labels, labels: labels, classes: parameters.classes, source: "table")
  }
}
