internal import PonsKit

/// The rows of a table with an estimate a method and measure, while they grow.
struct CohortRows {
  private var methods: [String] = []
  private var measures: [String] = []
  private var units: [String] = []
  private var cases: [Int] = []
  private var patients: [Int] = []
  private var means: [Bootstrap.Estimate] = []
  private var medians: [Bootstrap.Estimate] = []
  private var counts: [(Int, Int)] = []

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - values: of each patient.
  ///   - counts: what the last two columns hold.
  mutating func append(
    _ method: String, _ measure: String, unit: String?, _ values: [[Double]],
    _ estimate: (mean: Bootstrap.Estimate, median: Bootstrap.Estimate), counts: (Int, Int)
  ) {
    methods.append(method)
    measures.append(measure)
    units.append(unit ?? "")
    cases.append(values.reduce(0) { $0 + $1.count })
    patients.append(values.count)
    means.append(estimate.mean)
    medians.append(estimate.median)
    self.counts.append(counts)
  }

  /// - Parameters:
  ///   - reference: what methods are compared with; nil when they are not.
  ///   - names: of the last two columns.
  func table(reference: String? = nil, countNames names: (String, String)) -> Table {
    func estimates(_ name: String, _ values: [Bootstrap.Estimate]) -> [Table.Column] {
      [
        Table.Column(name, .numbers(values.map(\.value))),
        Table.Column(name + "_low", .numbers(values.map(\.low))),
        Table.Column(name + "_high", .numbers(values.map(\.high))),
      ]
    }
    func integers(_ name: String, _ values: [Int]) -> Table.Column {
      Table.Column(name, .integers(values.map(Int64.init)))
    }
    var columns = [Table.Column("method", .strings(methods))]
    if let reference {
      columns.append(
        Table.Column("reference", .strings(methods.map { _ in reference })))
    }
    columns += [
      Table.Column("measure", .strings(measures)), Table.Column("unit", .strings(units)),
      integers("cases", cases), integers("patients", patients),
    ]
    columns += estimates("mean", means) + estimates("median", medians)
    columns += [integers(names.0, counts.map(\.0)), integers(names.1, counts.map(\.1))]
    return Table(columns)
  }
}
