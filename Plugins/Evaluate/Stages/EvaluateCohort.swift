internal import PonsFiles
internal import PonsKit

/// Summarises the scores of methods over a cohort, and compares them case by case.
///
/// Mean and median with bootstrap intervals; see ``Bootstrap``. Values that are missing or not finite do not count; failures do, with the
/// values that their table has for them.
struct EvaluateCohort: Stage {
  static let inputs = "abcdefghijkl".map { letter in
    Input<TableKind>(
      String(letter), .once,
      letter == "a" ? "scores of a method: one row a case" : "scores of another method",
      optional: letter != "a", groundTruth: true)
  }
  static let summary = Output<TableKind>(
    "summary", .one, "a row a method and measure: mean and median, each with its interval")
  static let differences = Output<TableKind>(
    "differences", .one, "a row a method and measure: what it has more than the reference",
    optional: true)

  struct Parameters: StageParameters {
    var names: [String: String]
    var reference: String
    var measures: [String]
    var patients: String?
    var resamples: Int
    var confidence: Double

    static let schema = [
      ParameterDescriptor(
        "names", .object, "what the methods are called, by port: {a: SAM, b: network}",
        defaultValue: [:]),
      ParameterDescriptor(
        "reference", .string, "port of the method that the others are compared with",
        defaultValue: "a", allowed: inputs.map { .string($0.name) }),
      ParameterDescriptor(
        "measures", .array(.string), "columns to summarise; empty takes every column of numbers",
        defaultValue: []),
      ParameterDescriptor(
        "patients", .path,
        "a CSV file with the columns case and patient, when patients have several cases; without it every case "
          + "is a patient"),
      ParameterDescriptor(
        "resamples", .integer, "of the bootstrap", defaultValue: 2000, minimum: 100,
        maximum: 1_000_000),
      ParameterDescriptor(
        "confidence", .number, "of the intervals", defaultValue: 0.95, minimum: 0.5,
        maximum: 0.999),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "evaluate.cohort", version: "1",
    summary: "summarises the scores of methods, with intervals and paired differences",
    ports: inputs + [summary, differences], parameters: Parameters.schema)

  private let parameters: Parameters
  private let patients: CaseGroups?

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    if let unknown = parameters.names.keys.sorted().first(where: { name in
      !Self.inputs.contains { $0.name == name }
    }) {
      throw StageFailure(
        .badParameter, "'names' has a name for '\(unknown)', which is no port",
        hint: "ports are a to l", parameter: "names")
    }
    if Set(parameters.names.values).count < parameters.names.count {
      throw StageFailure(
        .badParameter, "'names' calls two methods by one name", parameter: "names")
    }
    patients = try parameters.patients.map {
      try CaseGroups(path: $0, parameter: "patients", column: "patient") {
        try context.caseKey(of: $0, isPublic: $1)
      }
    }
  }

  func process(_ context: Context) throws {
    let methods = try methods(context)
    let bootstrap = Bootstrap(
      resamples: parameters.resamples, confidence: parameters.confidence, seed: context.seed)
    var rows = CohortRows()
    for (number, method) in methods.sorted(by: { $0.key < $1.key }).map(\.value).enumerated() {
      try context.progress(Double(number) / Double(methods.count) / 2)
      for measure in try measures(of: method) {
        let values = try byPatient(method.cases) { method.value(measure, of: $0) }
        rows.append(
          method.name, measure, unit: method.unit(of: measure), values,
          try bootstrap.estimate(values, checkCancelled: context.checkCancelled),
          counts: (method.failures, method.bothEmpty))
      }
    }
    let metadata: [String: JSON] = [
      "resamples": .integer(Int64(parameters.resamples)),
      "confidence": .number(parameters.confidence), "generator": "SplitMix64",
      "drawn": patients == nil ? "cases" : "patients",
    ]
    try context.send(
      Self.summary, table: rows.table(countNames: ("failures", "both_empty")), metadata: metadata)
    guard context.wanted(Self.differences) else { return }
    guard let reference = methods[parameters.reference] else {
      throw StageFailure(
        .badParameter, "the reference '\(parameters.reference)' is not connected",
        parameter: "reference")
    }
    try context.send(
      Self.differences, table: differences(methods, reference, bootstrap, context),
      metadata: metadata)
  }

  private func differences(
    _ methods: [String: MethodTable], _ reference: MethodTable, _ bootstrap: Bootstrap,
    _ context: Context
  ) throws -> Table {
    var rows = CohortRows()
    for (port, method) in methods.sorted(by: { $0.key < $1.key })
    where port != parameters.reference {
      for measure in try measures(of: method) where reference.measures.contains(measure) {
        let values = try byPatient(method.cases) { key in
          guard let own = method.value(measure, of: key),
            let other = reference.value(measure, of: key)
          else { return nil }
          return own - other
        }
        let all = values.joined()
        rows.append(
          method.name, measure, unit: method.unit(of: measure), values,
          try bootstrap.estimate(values, checkCancelled: context.checkCancelled),
          counts: (all.count { $0 > 0 }, all.count { $0 < 0 }))
      }
    }
    return rows.table(reference: reference.name, countNames: ("greater", "less"))
  }

  /// What is connected, by port.
  private func methods(_ context: Context) throws -> [String: MethodTable] {
    var methods: [String: MethodTable] = [:]
    for port in Self.inputs {
      let name = parameters.names[port.name]
      guard let packet = try context.optionalInput(port) else {
        if let name {
          throw StageFailure(
            .badParameter, "'names' calls '\(port.name)' '\(name)', and it is not connected",
            parameter: "names", port: port.name)
        }
        continue
      }
      methods[port.name] = try MethodTable(
        packet.table, name: name ?? port.name, port: port.name)
    }
    return methods
  }

  private func measures(of method: MethodTable) throws -> [String] {
    if parameters.measures.isEmpty { return method.measures }
    for measure in parameters.measures where !method.measures.contains(measure) {
      throw StageFailure(
        .badParameter, "the table of '\(method.name)' has no column of numbers '\(measure)'",
        hint: "it has: \(method.measures.joined(separator: ", "))", parameter: "measures")
    }
    return parameters.measures
  }

  /// Values of the cases that have one, by patient, in the order of the patients' first cases.
  private func byPatient(_ cases: [String], _ value: (String) throws -> Double?) throws
    -> [[Double]]
  {
    var places: [String: Int] = [:]
    var values: [[Double]] = []
    for key in cases {
      guard let value = try value(key) else { continue }
      guard let patient = patients.map({ $0[key] }) ?? key else {
        throw StageFailure(
          .badParameter, code: "NOT_IN_TABLE",
          "the table of patients does not name case \(key)",
          hint: "add a line for it; its name stands in phi/cases.tsv", parameter: "patients")
      }
      if let place = places[patient] {
        values[place].append(value)
      } else {
        places[patient] = values.count
        values.append([value])
      }
    }
    return values
  }
}
