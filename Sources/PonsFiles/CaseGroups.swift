internal import PonsKit

/// Which cases belong together, from two columns of a table: cases of one patient, say.
package struct CaseGroups: Sendable {
  private var groups: [String: String] = [:]

  /// Reads a table with the columns `case` (keys, or the names that their source has for them) and one for the group.
  ///
  /// - Parameters:
  ///   - path: the table.
  ///   - parameter: which says the path.
  ///   - column: of the groups.
  ///   - keyOf: the key of the case that a source calls by a name; the second argument says that the name is public.
  /// - Throws: `StageFailure` of category `badParameter` that names lines and no content of them.
  package init(
    path: String, parameter: String, column: String,
    keyOf: (_ name: String, _ isPublic: Bool) throws -> String
  ) throws {
    let table = try CSVTable(path: path, parameter: parameter)
    let cases = try table.column("case", parameter: parameter)
    let names = try table.column(column, parameter: parameter)
    var lines: [String: Int] = [:]
    for row in table.rows {
      for (index, name) in [(cases, "case"), (names, column)] where row.fields[index].isEmpty {
        throw CSVTable.failure(
          row.line, "has nothing in the column '\(name)'", parameter: parameter)
      }
      // A key is its own public name; the source may also have called the case so in private.
      for key in try Set([keyOf(row.fields[cases], true), keyOf(row.fields[cases], false)]) {
        if let other = lines[key] {
          throw CSVTable.failure(
            row.line, "names the same case as line \(other)", parameter: parameter)
        }
        lines[key] = row.line
        groups[key] = row.fields[names]
      }
    }
  }

  /// The group of a case; nil when the table does not name it.
  package subscript(key: String) -> String? { groups[key] }
}
