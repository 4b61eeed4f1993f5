// How similar the masks of the network and of SAM are, and where the filter cuts.
extension Page {
  var similarity: Section? {
    guard let scores = contents.scores, !scores.rows.isEmpty else { return nil }
    let bins = 20
    var kept = [Int](repeating: 0, count: bins)
    var dropped = kept
    for row in scores.rows.values where row.similarity.isFinite {
      let bin = min(bins - 1, Int(max(0, min(1, row.similarity)) * Double(bins)))
      if row.isKept == false { dropped[bin] += 1 } else { kept[bin] += 1 }
    }
    let most = Axis(0, Double(zip(kept, dropped).map(+).max() ?? 1))
    let bars: [Markup] = (0..<bins).flatMap { bin -> [Markup] in
      let (low, high) = (most.place(Double(kept[bin])), most.place(Double(dropped[bin])))
      let x = Double(bin) * 5 + 0.4
      return [
        kept[bin] == 0
          ? ""
          : "<rect class=\"kept\" x=\"\(at: x)\" y=\"\(at: 100 - low)\" width=\"4.2\" height=\"\(at: low)\"/>",
        dropped[bin] == 0
          ? ""
          : "<rect class=\"dropped\" x=\"\(at: x)\" y=\"\(at: 100 - low - high)\" width=\"4.2\" height=\"\(at: high)\"/>",
      ]
    }
    let ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map {
      "<span style=\"left:\(at: $0 * 100)%\">\($0.shown(1))</span>" as Markup
    }
    // Cases are whole ones.
    let levels = most.ticks.filter { $0 == $0.rounded() }.map {
      "<span style=\"bottom:\(at: most.place($0))%\">\($0.shown(0))</span>" as Markup
    }
    var line: Markup = ""
    var words = "\(scores.rows.count.of("case")) compared; nothing was filtered by these scores."
    if scores.isFiltered {
      let all = scores.rows.count
      words =
        "\(all - scores.dropped) of \(all.of("case")) kept for training, \(scores.dropped) dropped."
      if let threshold = scores.threshold {
        words += " The least similar one that was kept has \(threshold.shown(3))."
        let side = threshold > 0.6 ? "left" : "right"
        line = """
          <div class="threshold \(side)" style="left:\(at: max(0, min(1, threshold)) * 100)%"><span>kept from \(threshold.shown(3))</span></div>
          """
      }
    }
    let legend: Markup =
      scores.isFiltered
      ? """
      <ul class="legend"><li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="kept" width="12" height="12"/></svg> kept for training</li><li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="dropped" width="12" height="12"/></svg> dropped</li></ul>
      """ : ""
    let body: Markup = """
      <section id="similarity" aria-labelledby="similarity-title">
      <h2 id="similarity-title">Similarity of SAM and the network (S3F)</h2>
      <p>\(words) A case that is not trained with still gets its mask.</p>
      <figure class="histogram">\(legend)<div class="plot"><div class="levels" aria-hidden="true">\(levels)</div><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="Histogram of similarities. \(words)">\(bars)</svg>\(line)</div><div class="ticks" aria-hidden="true"><div>\(ticks)</div></div><figcaption>Dice of both masks, cases in steps of 0.05</figcaption></figure>
      </section>

      """
    return Section(id: "similarity", name: "Similarity", body: body)
  }
}
