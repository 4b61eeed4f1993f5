package import PonsFiles
internal import PonsKit

/// Classes of slices that people wrote down, from a table with the columns `case`, `slice` and `label`.
///
/// `slice` is a number, a range like 12-20 with both ends, or `all`; `label` is the name of a class, or empty for none.
package struct LabelTable: Sendable {
  private struct Row: Sendable {
    var line: Int
    /// As written; nil for all slices.
    var slices: ClosedRange<Int>?
    var label: Int?
  }

  private var rows: [String: [Row]] = [:]
  private let first: Int

  /// - Parameters:
  ///   - table: with a line a slice or range.
  ///   - classes: names of the classes.
  ///   - first: the number of the first slice of a volume, 0 or 1.
  ///   - keyOf: the key of the case that a source calls by a name; the second argument says that the name is public.
  /// - Throws: `StageFailure` of category `badParameter`, BAD_TABLE, that names lines and no content of them but classes.
  package init(
    _ table: CSVTable, classes: [String], first: Int,
    keyOf: (_ name: String, _ isPublic: Bool) throws -> String
  ) throws {
    self.first = first
    let columns = try ["case", "slice", "label"].map { try table.column($0, parameter: "table") }
    for row in table.rows {
      let name = row.fields[columns[0]]
      if name.isEmpty { throw CSVTable.failure(row.line, "has nothing in the column 'case'") }
      let text = row.fields[columns[2]]
      let label = classes.firstIndex(of: text)
      if label == nil, !text.isEmpty {
        throw CSVTable.failure(
          row.line, "has a label that is no class",
          hint: "the classes are: \(classes.joined(separator: ", ")); nothing means no class")
      }
      let slices = try Self.slices(row.fields[columns[1]], line: row.line, first: first)
      // A key is its own public name; the source may also have called the case so in private.
      for key in try Set([keyOf(name, true), keyOf(name, false)]) {
        rows[key, default: []].append(Row(line: row.line, slices: slices, label: label))
      }
    }
  }

  private static func slices(_ text: String, line: Int, first: Int) throws -> ClosedRange<Int>? {
    if text == "all" { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
      $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && $0.utf8.count <= 6 ? Int($0) : nil
    }
    guard ends.count <= 2, let low = ends[0], let high = ends.last ?? nil else {
      throw CSVTable.failure(
        line, "has no slice in the column 'slice'",
        hint: "write a number, a range like 12-20, or all")
    }
    if low < first || high < low {
      throw CSVTable.failure(
        line,
        low < first
          ? "has a slice before the first, \(first)" : "has a range that ends before it begins"
      )
    }
    return low...high
  }

  /// The class of each slice of a case, as far as the table says one (the outer nil); nil when the table does not name the case.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_TABLE, that names the lines.
  package func labels(of caseKey: String, slices count: Int) throws -> [Int??]? {
    guard let rows = rows[caseKey] else { return nil }
    var labels = [Int??](repeating: .none, count: count)
    var lines = [Int](repeating: 0, count: count)
    for row in rows {
      let slices = row.slices ?? first...max(first, first + count - 1)
      if row.slices != nil, slices.upperBound - first >= count {
        throw Self.failure(
          "line \(row.line) of the table names slice \(slices.upperBound), and the volume has \(first) to "
            + "\(first + count - 1)")
      }
      for number in slices where number - first < count {
        let z = number - first
        if case .some(let other) = labels[z], other != row.label {
          throw Self.failure(
            "lines \(lines[z]) and \(row.line) of the table give slice \(number) different labels")
        }
        labels[z] = .some(row.label)
        lines[z] = row.line
      }
    }
    return labels
  }

  private static func failure(_ message: String) -> StageFailure {
    StageFailure(.badInput, code: "BAD_TABLE", message, parameter: "table")
  }
}
