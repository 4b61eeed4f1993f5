// How methods compare: charts with intervals, and the tables.
extension Page {
  var methods: Section? {
    let tables: [(id: String, name: String, table: EstimateTable)] = [
      ("ablation", "Ablation", contents.ablation), ("cohort", "Cohort", contents.cohort),
      ("differences", "Differences", contents.differences),
    ].compactMap { id, name, table in
      table.flatMap { $0.rows.isEmpty ? nil : (id, name, $0) }
    }
    if tables.isEmpty { return nil }
    var body: Markup = """
      <section id="methods" aria-labelledby="methods-title">
      <h2 id="methods-title">Against ground truth</h2>

      """
    let drawn =
      [contents.ablation, contents.cohort].compactMap { $0 }
      .first { $0.methodCount > 1 } ?? contents.cohort ?? contents.ablation
    let charts = drawn.map { drawn in contents.charts.compactMap { chart(drawn, $0) } } ?? []
    if !charts.isEmpty { body += "<div class=\"charts\">\n\(charts)</div>\n" }
    for (number, one) in tables.enumerated() {
      body += """
        <details\((number == 0 && charts.isEmpty ? " open=\"open\"" : "") as Markup)><summary>\(one.name): \(one.table.rows.count.of("row"))</summary>
        \(self.table(one.table, name: one.name))</details>

        """
    }
    return Section(id: "methods", name: "Against truth", body: body + "</section>\n")
  }

  /// A bar a method, with the interval of the mean.
  private func chart(_ table: EstimateTable, _ measure: String) -> Markup? {
    let rows = table.rows.filter { $0.measure == measure && $0.mean.value.isFinite }
    guard let unit = rows.first?.unit else { return nil }
    let ends = rows.flatMap { [$0.mean.value, $0.mean.low, $0.mean.high] }.filter(\.isFinite)
    let isShare = unit.isEmpty && ends.allSatisfy { (0...1).contains($0) }
    let axis = isShare ? Axis(0, 1) : Axis(min(0, ends.min() ?? 0), max(0, ends.max() ?? 1))
    let digits = isShare ? 3 : 1
    let bars: [Markup] = rows.map { row in
      let (zero, end) = (axis.place(0), axis.place(row.mean.value))
      let value = row.mean.value.shown(digits)
      var interval = ""
      var whisker: Markup = ""
      if row.mean.low.isFinite, row.mean.high.isFinite {
        interval = "[\(row.mean.low.shown(digits)), \(row.mean.high.shown(digits))]"
        let (low, high) = (axis.place(row.mean.low), axis.place(row.mean.high))
        whisker = """
          <path class="whisker" d="M\(at: low) 10H\(at: high)M\(at: low) 5V15M\(at: high) 5V15"/>
          """
      }
      return """
        <li><span class="name">\(row.method)</span><svg class="bar" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true"><rect x="\(at: min(zero, end))" y="3" width="\(at: abs(end - zero))" height="14"/>\(whisker)</svg><span class="value"><b>\(value)</b> <span class="interval">\(interval)</span></span></li>

        """
    }
    let ticks = axis.ticks.map { tick in
      "<span style=\"left:\(at: axis.place(tick))%\">\(tick.shown(isShare ? 1 : axis.digits))</span>"
        as Markup
    }
    let name = Self.name(of: measure) + (unit.isEmpty ? "" : " (\(unit))")
    let cases = Set(rows.map(\.cases)).sorted()
    let counted =
      cases.count == 1 ? cases[0].of("case") : "\(cases[0]) to \(cases[cases.count - 1]) cases"
    return """
      <figure class="chart"><figcaption>\(name): mean over \(counted), with its interval</figcaption>
      <ol class="bars">
      \(bars)</ol><div class="ticks" aria-hidden="true"><div>\(ticks)</div></div></figure>

      """
  }

  private func table(_ table: EstimateTable, name: String) -> Markup {
    let counts = table.rows.first?.counts.map(\.name) ?? []
    let isCompared = table.rows.contains { $0.reference != nil }
    let heads = counts.map {
      "<th scope=\"col\" class=\"number\">\(Self.name(of: $0))</th>" as Markup
    }
    let rows: [Markup] = table.rows.map { row in
      let isShare = row.unit.isEmpty
      func estimate(_ one: EstimateTable.Estimate) -> Markup {
        let digits = isShare ? 3 : 2
        let interval =
          one.low.isFinite && one.high.isFinite
          ? " [\(one.low.shown(digits)), \(one.high.shown(digits))]" : ""
        return
          "<td class=\"number\">\(one.value.shown(digits))<span class=\"interval\">\(interval)</span></td>"
      }
      let compared = row.reference.map { " against \($0)" } ?? ""
      return """
        <tr><th scope="row">\(row.method)\(compared)</th><td>\(Self.name(of: row.measure))\(row.unit.isEmpty ? "" : ", \(row.unit)")</td><td class="number">\(row.cases)</td>\(estimate(row.mean))\(estimate(row.median))\(row.counts.map { "<td class=\"number\">\($0.value)</td>" as Markup })</tr>

        """
    }
    return """
      <div class="scroll" role="region" aria-label="\(name)" tabindex="0"><table>
      <thead><tr><th scope="col">\(isCompared ? "Methods" : "Method")</th><th scope="col">Measure</th><th scope="col" class="number">Cases</th><th scope="col" class="number">Mean [interval]</th><th scope="col" class="number">Median [interval]</th>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div>

      """
  }

  /// Measures as people call them.
  static func name(of measure: String) -> String {
    switch measure {
    case "dice": "Dice"
    case "hd95": "HD95"
    case "hd95_pooled": "HD95, pooled"
    case "nsd": "Surface Dice"
    case "both_empty": "Both empty"
    default:
      measure.prefix(1).uppercased()
        + measure.dropFirst().split(separator: "_", omittingEmptySubsequences: false)
        .joined(separator: " ")
    }
  }
}
