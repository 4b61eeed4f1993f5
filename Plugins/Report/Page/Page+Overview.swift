// The numbers at the top.
extension Page {
  var overview: Section {
    var tiles: [Markup] = [
      tile("\(contents.volumes)", "volumes", "of \(contents.cases.count.of("case")) seen")
    ]
    if contents.hasMasks {
      let empty = contents.emptyMasks
      tiles.append(
        tile(
          "\(contents.masks)", "masks without drawing",
          empty == 0 ? "none of them is empty" : "and \(empty) where nothing was found", "good"))
    }
    if let scores = contents.scores, scores.isFiltered {
      tiles.append(
        tile(
          "\(scores.dropped)", "kept out of training",
          "by similarity (S3F), of \(scores.rows.count)",
          "dropped"))
    }
    let quarantined = contents.count(.quarantined)
    let others = contents.count(.notSelected) + contents.count(.filtered)
    tiles.append(
      tile(
        "\(quarantined)", "quarantined",
        others == 0 ? "no case was filtered out" : "and \(others) not selected or filtered out",
        quarantined > 0 ? "bad" : ""))
    if contents.hasMasks { tiles.append(hours) }
    var body: Markup = """
      <section id="overview" aria-labelledby="overview-title">
      <h2 id="overview-title">Overview</h2>
      <dl class="tiles">
      \(tiles)</dl>

      """
    let notes =
      contents.notes + contents.cases.flatMap { one in one.notes.map { "\(one.key): \($0)" } }
    if !notes.isEmpty {
      let shown = notes.prefix(200).map { "<li>\($0)</li>\n" as Markup }
      let rest = notes.count - shown.count
      body += """
        <details class="notes"><summary>\(notes.count.of("thing")) could not be shown</summary><ul>
        \(shown)</ul>\((rest > 0 ? "<p>and \(rest) more</p>" : "") as Markup)</details>

        """
    }
    return Section(id: "overview", name: "Overview", body: body + "</section>\n")
  }

  private func tile(_ value: String, _ name: String, _ more: String, _ style: String = "") -> Markup
  {
    """
    <div class="tile \(style)"><dt>\(name)</dt><dd><b>\(value)</b> <span>\(more)</span></dd></div>

    """
  }

  /// Hours are said only when people said which masks they took.
  private var hours: Markup {
    guard contents.reviewedLines != nil else {
      return tile(
        "not measured", "hours saved",
        "until a review says which masks were accepted (parameter review)", "words")
    }
    let reviewed = contents.cases.filter { $0.review != nil && $0.mask != nil }
    let accepted = reviewed.filter { $0.review?.isAccepted == true }
    let minutes = accepted.reduce(0) { $0 + ($1.review?.minutes ?? 0) }
    return tile(
      (minutes / 60).shown(1), "hours saved",
      "\(accepted.count) of \(reviewed.count.of("reviewed mask")) accepted, of \(contents.masks + contents.emptyMasks); as the review says"
    )
  }
}
