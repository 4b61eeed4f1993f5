package import PonsKit

/// What `s3f.filter` or `s3f.score` says of the cases.
package struct ScoreTable: Sendable {
  package struct Row: Sendable {
    package var similarity: Double
    /// 1 is the best; nil when nothing was ranked.
    package var rank: Int?
    /// Whether the case was trained with; nil when nothing was filtered.
    package var isKept: Bool?
  }

  /// By case key.
  package let rows: [String: Row]

  /// Whether cases were ranked and filtered.
  package var isFiltered: Bool { rows.values.contains { $0.isKept != nil } }
  /// The least similarity that was kept; nil when nothing was filtered or nothing was kept.
  package var threshold: Double? {
    rows.values.filter { $0.isKept == true }.map(\.similarity).filter(\.isFinite).min()
  }
  package var dropped: Int { rows.values.count { $0.isKept == false } }

  /// Reads the columns `case`, `similarity`, and when they are there `rank` and `kept`; nil when it is another table.
  package init?(_ table: Table) {
    guard case .strings(let cases)? = table.column("case")?.values,
      case .numbers(let similarities)? = table.column("similarity")?.values
    else { return nil }
    func integers(_ name: String) -> [Int64]? {
      if case .integers(let values)? = table.column(name)?.values { values } else { nil }
    }
    let (ranks, kept) = (integers("rank"), integers("kept"))
    var rows: [String: Row] = [:]
    for index in 0..<table.rowCount {
      rows[cases[index]] = Row(
        similarity: similarities[index], rank: ranks.flatMap { Int(exactly: $0[index]) },
        isKept: kept.map { $0[index] != 0 })
    }
    self.rows = rows
  }
}
