// The list of all cases, and what is shown of each.
extension Page {
  var caseList: Section? {
    if contents.cases.isEmpty { return nil }
    let states = CaseState.allCases.filter { state in contents.cases.contains { $0.state == state }
    }
    var choices = states.map { ($0.rawValue, $0.words, contents.count($0)) }
    if let dropped = contents.scores?.dropped, dropped > 0 {
      choices.append(("dropped", "not trained with (S3F)", dropped))
    }
    let options = choices.map { "<option value=\"\($0.0)\">\($0.1) (\($0.2))</option>" as Markup }
    let pictured = contents.pictured
    var words = ""
    if pictured.count < contents.volumes {
      words =
        "Pictures of \(pictured.count) of \(contents.volumes.of("volume")): first those that were not trained with, then in order of keys (max_cases_pictured)."
    }
    let articles: [Markup] = contents.cases.enumerated().compactMap { number, record in
      record.pictures.map { article(record, $0, number) }
    }
    let body: Markup = """
      <section id="cases" aria-labelledby="cases-title">
      <h2 id="cases-title">Cases</h2>
      <form id="filter" class="filter" hidden="hidden"><label>Key contains <input type="search" id="filter-key" autocomplete="off" spellcheck="false"/></label><label>What became of it <select id="filter-state"><option value="">all (\(contents.cases.count))</option>\(options)</select></label><output id="filter-count" for="filter-key filter-state"></output></form>
      \(table)\((words.isEmpty ? "" : "<p class=\"soft\">\(words)</p>\n") as Markup)\((articles.isEmpty ? "" : legend) as Markup)\(articles)</section>

      """
    return Section(id: "cases", name: "Cases", body: body)
  }

  /// Measures of evaluate.masks that have a column.
  private var columns: [(name: String, digits: Int, unit: String)] {
    [("dice", 3, ""), ("hd95", 1, " mm")].filter { name, _, _ in
      contents.cases.contains { one in one.measures.contains { $0.name == name } }
    }
  }

  private var table: Markup {
    let hasLabels = contents.connected.contains("labels")
    let scores = contents.scores
    var heads: [Markup] = [head("Case", "text"), head("What became of it", "text")]
    if contents.hasMasks { heads.append(head("Mask, ml", "number")) }
    if hasLabels { heads.append(head("Slices labelled", "number", "wide")) }
    if scores != nil { heads.append(head("Similarity", "number")) }
    if scores?.isFiltered == true { heads.append(head("Rank", "number", "wide")) }
    for column in columns { heads.append(head(Self.name(of: column.name) + column.unit, "number")) }
    let rows: [Markup] = contents.cases.map { record in
      var cells: Markup = """
        <th scope="row">\(link(record))</th><td>\(badges(record))</td>
        """
      if contents.hasMasks { cells += number(record.mask.map { ($0.volume, 1) }) }
      if hasLabels {
        let count = record.profile.isLabelled.count { $0 == true }
        cells += number(record.profile.isLabelled.isEmpty ? nil : (Double(count), 0), "wide")
      }
      if scores != nil { cells += number(record.score.map { ($0.similarity, 3) }) }
      if scores?.isFiltered == true {
        cells += number(record.score?.rank.map { (Double($0), 0) }, "wide")
      }
      for column in columns {
        let value = record.measures.first { $0.name == column.name }?.value
        cells += number(value.map { ($0, column.digits) })
      }
      return "<tr data-key=\"\(record.key)\" data-state=\"\(tokens(record))\">\(cells)</tr>\n"
    }
    return """
      <div class="scroll" role="region" aria-label="All cases" tabindex="0"><table id="all" class="sortable">
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div>

      """
  }

  private func head(_ name: String, _ kind: String, _ width: String = "") -> Markup {
    "<th scope=\"col\" class=\"\(kind) \(width)\">\(name)</th>"
  }

  private func number(_ value: (Double, Int)?, _ width: String = "") -> Markup {
    guard let value, value.0.isFinite else { return "<td class=\"number \(width)\">–</td>" }
    return """
      <td class="number \(width)" data-value="\(value.0.description)">\(value.0.shown(value.1))</td>
      """
  }

  /// What the filter looks for.
  private func tokens(_ record: CaseRecord) -> String {
    record.state.rawValue + (record.score?.isKept == false ? " dropped" : "")
  }

  private func badges(_ record: CaseRecord) -> Markup {
    let style =
      switch record.state {
      case .mask: "good"
      case .quarantined: "bad"
      case .empty, .notSelected, .filtered, .none: "soft"
      }
    let words =
      record.state == .none && !contents.hasMasks ? "read" : record.state.words
    var badges: Markup = "<span class=\"state \(style)\">\(words)</span>"
    if record.score?.isKept == false {
      badges += " <span class=\"state dropped\">not trained with</span>"
    }
    switch record.review?.isAccepted {
    case true?: badges += " <span class=\"state good\">accepted</span>"
    case false?: badges += " <span class=\"state bad\">not accepted</span>"
    case nil: break
    }
    return badges
  }

  private func article(_ record: CaseRecord, _ pictures: CasePictures, _ number: Int) -> Markup {
    let panels = Panels(contents.connected, record, number: number)
    let rows = pictures.slices.enumerated().map { panels.row($0.element, $0.offset, pictures.view) }
    return """
      <article id="\(record.anchor(number))" data-key="\(record.key)" data-state="\(tokens(record))" aria-labelledby="title-\(number)">
      <h3 id="title-\(number)" tabindex="-1"><span class="key">\(record.key)</span> \(badges(record))</h3>
      <dl class="facts">\(facts(record))</dl>
      \(profile(record, pictures))\(rows)</article>

      """
  }

  private func facts(_ record: CaseRecord) -> [Markup] {
    var facts: [Markup] = []
    func add(_ name: String, _ value: String) {
      facts.append("<div><dt>\(name)</dt><dd>\(value)</dd></div>")
    }
    if contents.hasMasks { add("Final mask", Self.volume(record.mask)) }
    if contents.connected.contains("sam") { add("SAM mask", Self.volume(record.sam)) }
    if record.truth != nil { add("Truth", Self.volume(record.truth)) }
    if let score = record.score {
      var words = score.similarity.shown(3)
      if let rank = score.rank { words += ", rank \(rank) of \(contents.scores?.rows.count ?? 0)" }
      switch score.isKept {
      case true?: words += ", kept"
      case false?: words += ", not trained with"
      case nil: break
      }
      add("Similarity (S3F)", words)
    }
    for (name, digits, unit) in [("dice", 3, ""), ("hd95", 1, " mm"), ("nsd", 3, "")] {
      if let value = record.measures.first(where: { $0.name == name })?.value {
        add(Self.name(of: name), value.shown(digits) + unit)
      }
    }
    if let grid = record.grid {
      let size = grid.size.reversed().map(String.init).joined(separator: " × ")
      let spacing = grid.spacing.reversed().map { $0.shown(2) }.joined(separator: " × ")
      add("Grid", "\(size) voxels of \(spacing) mm")
    }
    return facts
  }
}
