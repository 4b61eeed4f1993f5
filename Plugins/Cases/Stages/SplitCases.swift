internal import PonsFiles
internal import PonsKit

/// Splits cases into training, validation and test, by their keys: the same keys are split in the same way in every run.
///
/// Each volume goes on at one of the ports. Whatever is made of the others of its case meets it in joins, so that only volumes have to be
/// split.
struct SplitCases: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "the cases")
  static let train = Output<VolumeKind>("train", .perCase, "cases for training", optional: true)
  static let validation = Output<VolumeKind>(
    "validation", .perCase, "cases for choosing", optional: true)
  static let test = Output<VolumeKind>("test", .perCase, "cases for testing", optional: true)
  static let parts = Output<TableKind>(
    "parts", .one, "one row a case: train, validation or test", optional: true)

  struct Parameters: StageParameters {
    enum Together: String, Codable, Sendable { case study, nothing }

    var validation: Double
    var test: Double
    var method: CaseSplit.Method
    var salt: String
    var together: Together
    var patients: String?

    static let schema = [
      ParameterDescriptor(
        "validation", .number, "the fraction of cases for validation", defaultValue: 0, minimum: 0,
        maximum: 1),
      ParameterDescriptor(
        "test", .number, "the fraction of cases for testing; all others are for training",
        defaultValue: 0.2, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "method", .string,
        "exact: parts have these sizes, and may change when cases come; hashed: about these sizes, and every case stays "
          + "where it is", defaultValue: "exact", allowed: ["exact", "hashed"]),
      ParameterDescriptor("salt", .string, "another text gives another split", defaultValue: ""),
      ParameterDescriptor(
        "together", .string,
        "volumes of one DICOM study are in one part, or every volume is by itself",
        defaultValue: "study", allowed: ["study", "nothing"]),
      ParameterDescriptor(
        "patients", .path,
        "a CSV file with the columns case and patient: cases of a patient are in one part; it must name every case"
      ),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "split.cases", version: "1", summary: "splits cases into training, validation and test",
    ports: [volume, train, validation, test, parts], parameters: Parameters.schema,
    isTransient: true)

  private let parameters: Parameters
  private let patients: CaseGroups?

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    if parameters.test + parameters.validation > 1 {
      throw StageFailure(
        .badParameter,
        "test \(parameters.test) and validation \(parameters.validation) are more than all cases",
        parameter: "test")
    }
    patients = try parameters.patients.map {
      try CaseGroups(path: $0, parameter: "patients", column: "patient") {
        try context.caseKey(of: $0, isPublic: $1)
      }
    }
  }

  func process(_ context: Context) throws {
    let volumes = try context.inputs(Self.volume)
    var cases: [(key: String, group: String)] = []
    try volumes.forEach { packet in
      try context.checkCancelled()
      cases.append((packet.caseKey, try group(of: packet)))
    }
    let split = CaseSplit(
      groups: cases.map(\.group), test: parameters.test, validation: parameters.validation,
      method: parameters.method, salt: parameters.salt)
    for (index, one) in cases.enumerated() {
      let port =
        switch split[one.group] {
        case .train: Self.train
        case .validation: Self.validation
        case .test: Self.test
        }
      if !context.wanted(port) { continue }
      try context.forward(volumes.packet(at: index), to: port, caseKey: one.key)
    }
    if context.wanted(Self.parts) {
      try context.send(
        Self.parts,
        table: Table([
          Table.Column("case", .strings(cases.map(\.key))),
          Table.Column("part", .strings(cases.map { split[$0.group].rawValue })),
        ]))
    }
  }

  private func group(of packet: InputPacket<VolumeKind>) throws -> String {
    let key = packet.caseKey
    if let patients {
      guard let patient = patients[key] else {
        throw StageFailure(
          .badParameter, code: "NOT_IN_TABLE", "the table of patients does not name case \(key)",
          hint: "add a line for it; its name stands in phi/cases.tsv", parameter: "patients")
      }
      return "patient " + patient
    }
    let study = try packet.metadata["dicom"]?["study"]?.string ?? ""
    return parameters.together == .study && !study.isEmpty ? "study " + study : key
  }
}
