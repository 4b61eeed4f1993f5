internal import PonsKit

// Every case that was dropped, refused or passed over somewhere, and why.
extension Page {
  private struct Reason {
    var record: CaseRecord
    var what: String
    var style: String
    var stage: String
    var why: Markup
    var place: Int
  }

  var leftOut: Section? {
    let reasons = contents.cases.flatMap(reasons).enumerated()
      .sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element)
    let count = Set(reasons.map(\.record.key)).count
    var body: Markup = """
      <section id="left-out" aria-labelledby="left-out-title">
      <h2 id="left-out-title">Left out, and why</h2>

      """
    if reasons.isEmpty {
      body += "<p>No case was dropped, refused or passed over anywhere that this report sees.</p>\n"
    } else {
      let rows: [Markup] = reasons.map { reason in
        """
        <tr><th scope="row">\(link(reason.record))</th><td><span class="state \(reason.style)">\(reason.what)</span></td><td class="stage">\(reason.stage)</td><td class="why">\(reason.why)</td><td class="number">\(Self.volume(reason.record.mask))</td></tr>

        """
      }
      body += """
        <p>\(count.of("case")) of \(contents.cases.count).</p>
        <div class="scroll" role="region" aria-label="Cases that were left out" tabindex="0"><table class="stack">
        <thead><tr><th scope="col">Case</th><th scope="col">What</th><th scope="col">At stage</th><th scope="col">Why</th><th scope="col" class="number">Mask</th></tr></thead>
        <tbody>
        \(rows)</tbody></table></div>

        """
    }
    return Section(id: "left-out", name: "Left out", body: body + "</section>\n")
  }

  private func reasons(of record: CaseRecord) -> [Reason] {
    var reasons = record.reasons.map { absence, ports in
      var why: Markup = absence.reason.isEmpty ? "" : "\(absence.reason)"
      if !absence.code.isEmpty, absence.fate == .quarantined {
        why = "<code>\(absence.code)</code> \(why)"
      }
      let ranked = [
        absence.score.map { "score \($0.shown(3))" }, absence.rank.map { "rank \($0)" },
      ].compactMap { $0 }
      // A filter's sentence mostly has them already.
      if !ranked.isEmpty, !absence.reason.contains("rank") {
        why += " <span class=\"soft\">(\(ranked.joined(separator: ", ")))</span>"
      }
      why += " <span class=\"soft\">missing: \(ports.joined(separator: ", "))</span>"
      let (what, style, place) = Self.describe(absence.fate)
      return Reason(
        record: record, what: what, style: style, stage: absence.stage, why: why, place: place)
    }
    // A filter on the way to training drops cases that have all their packets.
    if let score = record.score, score.isKept == false,
      !record.missing.contains(where: { $0.absence.fate == .filtered && $0.absence.score != nil })
    {
      let rank = score.rank.map { ", rank \($0) of \(contents.scores?.rows.count ?? 0)" } ?? ""
      reasons.append(
        Reason(
          record: record, what: "not trained with", style: "dropped", stage: "S3F",
          why: "similarity \(score.similarity.shown(3))\(rank)", place: 3))
    }
    return reasons
  }

  private static func describe(_ fate: Absence.Fate) -> (String, String, Int) {
    switch fate {
    case .quarantined: ("quarantined", "bad", 0)
    case .notSelected: ("not selected", "soft", 1)
    case .filtered: ("filtered", "dropped", 2)
    case .notSent: ("not sent", "soft", 4)
    }
  }

  /// The key, as a link when there are pictures of the case.
  func link(_ record: CaseRecord) -> Markup {
    guard record.pictures != nil, let number = numbers[record.key] else {
      return "<span class=\"key\">\(record.key)</span>"
    }
    return "<a class=\"key\" href=\"#\(record.anchor(number))\">\(record.key)</a>"
  }

  /// A mask's volume for people.
  static func volume(_ extent: CaseRecord.Extent?) -> String {
    guard let extent else { return "none" }
    return extent.isEmpty ? "empty" : extent.volume.shown(1) + " ml"
  }
}
