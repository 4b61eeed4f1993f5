package import PonsKit

/// Numbers of the cases, one row a case: what `evaluate.masks` sends.
package struct CaseTable: Sendable {
  package struct Measure: Sendable {
    package var name: String
    package var unit: String
    package var values: [String: Double]
  }

  package let measures: [Measure]

  /// Reads the column `case` and every column of numbers; nil when there is no such column.
  package init?(_ table: Table) {
    guard case .strings(let cases)? = table.column("case")?.values else { return nil }
    measures = table.columns.compactMap { column in
      guard case .numbers(let values) = column.values else { return nil }
      return Measure(
        name: column.name, unit: column.unit ?? "",
        values: Dictionary(zip(cases, values), uniquingKeysWith: { first, _ in first }))
    }
  }

  /// The value that a case has of a measure.
  package func value(_ name: String, of caseKey: String) -> Double? {
    measures.first { $0.name == name }?.values[caseKey]
  }
}
