package import PonsKit

/// What `evaluate.cohort` says of methods: means and medians with intervals.
package struct EstimateTable: Sendable {
  package struct Estimate: Sendable {
    package var value: Double
    package var low: Double
    package var high: Double
  }

  package struct Row: Sendable {
    package var method: String
    /// What the method is compared with, in a table of differences.
    package var reference: String?
    package var measure: String
    package var unit: String
    package var cases: Int
    package var mean: Estimate
    package var median: Estimate
    /// Failures and cases in which both masks are empty; or cases with greater and with smaller values.
    package var counts: [(name: String, value: Int)]
  }

  package let rows: [Row]

  /// Measures in the order of the table.
  package var measures: [String] {
    rows.reduce(into: []) { if !$0.contains($1.measure) { $0.append($1.measure) } }
  }
  package var methodCount: Int { Set(rows.map(\.method)).count }

  /// Reads a table; nil when it is another one.
  package init?(_ table: Table) {
    func strings(_ name: String) -> [String]? {
      if case .strings(let values)? = table.column(name)?.values { values } else { nil }
    }
    func integers(_ name: String) -> [Int]? {
      guard case .integers(let values)? = table.column(name)?.values else { return nil }
      return values.map { Int(clamping: $0) }
    }
    func estimates(_ name: String) -> [Estimate]? {
      let columns = ["", "_low", "_high"].map { table.column(name + $0)?.values }
      guard case .numbers(let values)? = columns[0], case .numbers(let low)? = columns[1],
        case .numbers(let high)? = columns[2]
      else { return nil }
      return (0..<table.rowCount).map {
        Estimate(value: values[$0], low: low[$0], high: high[$0])
      }
    }
    guard let methods = strings("method"), let measures = strings("measure"),
      let cases = integers("cases"), let means = estimates("mean"),
      let medians = estimates("median")
    else { return nil }
    let (references, units) = (strings("reference"), strings("unit"))
    let counts = ["failures", "both_empty", "greater", "less"]
      .compactMap { name in integers(name).map { (name, $0) } }
    rows = (0..<table.rowCount).map { index in
      Row(
        method: methods[index], reference: references?[index], measure: measures[index],
        unit: units?[index] ?? "", cases: cases[index], mean: means[index],
        median: medians[index], counts: counts.map { ($0.0, $0.1[index]) })
    }
  }
}
