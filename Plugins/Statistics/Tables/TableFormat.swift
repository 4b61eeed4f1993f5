package import PonsKit

/// How a table is written.
package enum TableFormat: String, Sendable, Codable, CaseIterable {
  /// Comma-separated (RFC 4180, lines end in a line feed).
  case csv
  /// Tab-separated; tabs, line ends and backslashes in text are escaped with a backslash.
  case tsv
  /// `{"columns": [{"name", "unit"}], "rows": [{column: value}]}`.
  case json

  /// The table as text that ends in a line feed. Numbers are the shortest that read back equal; values that are no numbers
  /// are `nan`, `inf` and `-inf` (in JSON as strings).
  package func text(_ table: Table) -> String {
    switch self {
    case .csv: lines(table, separator: ",", escape: Self.quoted)
    case .tsv: lines(table, separator: "\t", escape: Self.escaped)
    case .json: Self.json(table).pretty + "\n"
    }
  }

  private func lines(_ table: Table, separator: String, escape: (String) -> String) -> String {
    var text = table.columns.map { escape($0.name) }.joined(separator: separator) + "\n"
    for row in 0..<table.rowCount {
      text += table.columns.map { escape($0.values.text(row)) }.joined(separator: separator)
      text += "\n"
    }
    return text
  }

  private static func quoted(_ field: String) -> String {
    let special = field.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
    guard special else { return field }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  private static func escaped(_ field: String) -> String {
    var text = ""
    for scalar in field.unicodeScalars {
      switch scalar {
      case "\t": text += "\\t"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\\": text += "\\\\"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func json(_ table: Table) -> JSON {
    let columns = table.columns.map { column -> JSON in
      var members: [String: JSON] = ["name": .string(column.name)]
      if let unit = column.unit { members["unit"] = .string(unit) }
      return .object(members)
    }
    let rows = (0..<table.rowCount).map { row -> JSON in
      let values = table.columns.map { ($0.name, $0.values.json(row)) }
      return .object(Dictionary(values, uniquingKeysWith: { first, _ in first }))
    }
    return ["columns": .array(columns), "rows": .array(rows)]
  }
}

extension Table.Values {
  fileprivate func text(_ row: Int) -> String {
    switch self {
    case .numbers(let values): values[row].description
    case .integers(let values): String(values[row])
    case .strings(let values): values[row]
    }
  }

  fileprivate func json(_ row: Int) -> JSON {
    switch self {
    case .numbers(let values): .number(values[row])
    case .integers(let values): .integer(values[row])
    case .strings(let values): .string(values[row])
    }
  }
}
