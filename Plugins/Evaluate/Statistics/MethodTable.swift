internal import PonsKit

/// A table with a row a case, as it came in through a port, under the name of the method that it judges.
struct MethodTable: Sendable {
  let name: String
  private let table: Table
  /// Keys of the cases, in the order of the rows.
  let cases: [String]
  private let rows: [String: Int]

  /// - Throws: `StageFailure` of category `badInput`, BAD_TABLE, when it has no column `case` with a row for each.
  init(_ table: Table, name: String, port: String) throws {
    self.name = name
    self.table = table
    guard case .strings(let cases) = table.column("case")?.values else {
      throw StageFailure(
        .badInput, code: "BAD_TABLE", "the table of '\(name)' has no column 'case'",
        hint: "connect a table with a row a case, like that of evaluate.masks", port: port)
    }
    self.cases = cases
    var rows: [String: Int] = [:]
    for (row, key) in cases.enumerated() where rows.updateValue(row, forKey: key) != nil {
      throw StageFailure(
        .badInput, code: "BAD_TABLE", "the table of '\(name)' has two rows for case \(key)",
        port: port)
    }
    self.rows = rows
  }

  /// Columns of numbers, in order.
  var measures: [String] {
    table.columns.compactMap { column in
      if case .numbers = column.values { return column.name }
      return nil
    }
  }

  func unit(of measure: String) -> String? { table.column(measure)?.unit }

  /// The value of a case; nil when there is none, or none that is finite.
  func value(_ measure: String, of caseKey: String) -> Double? {
    guard let row = rows[caseKey], case .numbers(let values) = table.column(measure)?.values,
      values.indices.contains(row), values[row].isFinite
    else { return nil }
    return values[row]
  }

  /// How many cases are failures: one mask empty, the other not; 0 where the table does not say.
  var failures: Int {
    guard case .integers(let flags) = table.column("failure")?.values else { return 0 }
    return flags.count { $0 != 0 }
  }

  /// Cases whose masks are both empty.
  var bothEmpty: Int {
    guard case .strings(let empty) = table.column("empty")?.values else { return 0 }
    return empty.count { $0 == "both" }
  }
}
