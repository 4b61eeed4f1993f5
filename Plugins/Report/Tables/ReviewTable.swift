internal import PonsFiles
internal import PonsKit

/// Which masks people accepted, and how many minutes that saved.
package struct ReviewTable: Sendable {
  package struct Row: Sendable {
    package var isAccepted: Bool
    /// Minutes that drawing the mask would have taken, less those that reviewing and correcting it took.
    package var minutes: Double
  }

  private var rows: [String: Row] = [:]
  /// Lines of the table.
  package private(set) var lines = 0

  /// Reads a CSV table with the columns `case` (keys, or the names that their source has for them), `accepted` (yes or no) and
  /// `minutes`.
  ///
  /// - Parameter keyOf: the key of the case that a source calls by a name; the second argument says that the name is public.
  /// - Throws: `StageFailure` of category `badParameter` that names lines and no content of them.
  package init(path: String, keyOf: (_ name: String, _ isPublic: Bool) throws -> String) throws {
    let table = try CSVTable(path: path, parameter: "review")
    let cases = try table.column("case", parameter: "review")
    let accepted = try table.column("accepted", parameter: "review")
    let minutes = try table.column("minutes", parameter: "review")
    for row in table.rows {
      func mistake(_ what: String, _ hint: String) -> StageFailure {
        CSVTable.failure(row.line, what, hint: hint, parameter: "review")
      }
      let isAccepted: Bool
      switch row.fields[accepted].lowercased() {
      case "yes", "true", "1": isAccepted = true
      case "no", "false", "0": isAccepted = false
      default:
        throw mistake("does not say whether the mask was accepted", "write yes or no")
      }
      let text = row.fields[minutes]
      guard let value = text.isEmpty && !isAccepted ? 0 : Double(text), value.isFinite else {
        throw mistake("has no number of minutes", "write what was saved, like 12.5")
      }
      if row.fields[cases].isEmpty { throw mistake("names no case", "write its name or its key") }
      // A key is its own public name; the source may also have called the case so in private.
      for key in try Set([keyOf(row.fields[cases], true), keyOf(row.fields[cases], false)]) {
        if rows[key] != nil {
          throw mistake("names a case that an earlier line names", "write one line a case")
        }
        rows[key] = Row(isAccepted: isAccepted, minutes: value)
      }
      lines += 1
    }
  }

  package subscript(key: String) -> Row? { rows[key] }
}
