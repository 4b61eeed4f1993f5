package import PonsFiles
internal import PonsKit

/// Which case becomes which, from two columns of a table.
package struct CaseMapping: Sendable {
  private var targets: [String: String] = [:]

  /// Looks up both columns.
  ///
  /// - Parameters:
  ///   - table: with a line a case.
  ///   - from: the column of cases that come in: keys or names.
  ///   - to: the column of cases that they become: keys or names.
  ///   - isPublic: names in `to` are no patient data, and are the keys.
  ///   - keyOf: the key of the case that a source calls by a name; the second argument as ``isPublic``.
  /// - Throws: `StageFailure` of category `badParameter`, code BAD_TABLE, that names lines and no content of them.
  package init(
    _ table: CSVTable, from: String, to: String, isPublic: Bool,
    keyOf: (_ name: String, _ isPublic: Bool) throws -> String
  ) throws {
    if from == to {
      throw StageFailure(
        .badParameter, "'from' and 'to' name the same column", parameter: "to")
    }
    let fromColumn = try table.column(from, parameter: "from")
    let toColumn = try table.column(to, parameter: "to")
    var lineOfSource: [String: Int] = [:]
    var lineOfTarget: [String: Int] = [:]
    for row in table.rows {
      let source = try Self.cell(row, fromColumn, from)
      let name = try Self.cell(row, toColumn, to)
      let target = try keyOf(name, isPublic || Self.isKey(name))
      if let other = lineOfTarget[target] {
        throw CSVTable.failure(
          row.line, "names the same case in '\(to)' as line \(other)",
          hint: "two cases cannot become one")
      }
      lineOfTarget[target] = row.line
      // A key is its own public name; the source may also have called the case so in private.
      for key in try Set([keyOf(source, true), keyOf(source, false)]) {
        if let other = lineOfSource[key], other != row.line {
          throw CSVTable.failure(row.line, "names the same case in '\(from)' as line \(other)")
        }
        lineOfSource[key] = row.line
        targets[key] = target
      }
    }
  }

  /// The key that a case gets; nil when the table does not name it.
  package func target(of key: String) -> String? { targets[key] }

  /// Whether a text is a pseudonym of a case: c- and 16 hexadecimal digits.
  static func isKey(_ text: String) -> Bool {
    text.utf8.count == 18 && text.hasPrefix("c-")
      && text.dropFirst(2).allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
  }

  private static func cell(_ row: CSVTable.Row, _ column: Int, _ name: String) throws -> String {
    let cell = row.fields[column]
    if cell.isEmpty { throw CSVTable.failure(row.line, "has nothing in the column '\(name)'") }
    return cell
  }
}
