package import PonsEngine
internal import PonsKit

/// What a run did, for people.
package struct SummaryText: Sendable {
  private let style: Style
  private let width: Int

  /// Lays a summary out.
  package init(style: Style, width: Int) {
    self.style = style
    self.width = width
  }

  /// The text, with a line break at the end.
  ///
  /// - Parameter output: the folder of the results, as the user named it.
  package func render(_ summary: RunSummary, output: String) -> String {
    var lines = [headline(summary)]
    lines += skipped(summary)
    if summary.cases.isEmpty && summary.hasSources && summary.ending == .completed {
      lines.append(hint("the sources found nothing to work on; look at what they are told to read"))
    }
    // Failures come first: somebody has to look into them.
    lines += list(summary, .quarantined, limit: 20)
    lines += list(summary, .filtered, limit: 10)
    lines += list(summary, .notSelected, limit: 10)
    if case .stopped(let stage, let failure) = summary.ending {
      lines.append(
        style.alarm("error:") + " the stage \(stage) stopped the run: \(failure.message.printable)"
          + style.dim(" [\(failure.code.printable)]"))
      if !failure.hint.isEmpty { lines.append(hint(failure.hint)) }
    }
    if summary.ending == .cancelled {
      lines.append("What is finished is kept: the same command goes on from there.")
    }
    lines.append(places(summary, output: output))
    return lines.joined(separator: "\n") + "\n"
  }

  /// `statistics: 12 done, 3 filtered, 1 quarantined in 4.2 s`.
  private func headline(_ summary: RunSummary) -> String {
    var counts = [String]()
    for (status, mark) in [
      (CaseStatus.done, style.good), (.filtered, style.warning), (.notSelected, style.warning),
      (.quarantined, style.bad),
    ] {
      let count = summary.cases.count {
        $0.status == status && !$0.isUnfinished && !$0.isContinued
      }
      if count > 0 { counts.append(mark("\(count) \(words(status))")) }
    }
    let continued = summary.cases.count { $0.isContinued }
    if continued > 0 { counts.append(style.dim("\(continued) under other keys")) }
    let unfinished = summary.cases.count { $0.isUnfinished }
    if unfinished > 0 { counts.append(style.warning("\(unfinished) not finished")) }
    let result = summary.cases.isEmpty ? "no cases" : counts.joined(separator: ", ")
    let ending =
      switch summary.ending {
      case .completed: ""
      case .cancelled: style.warning(" (interrupted)")
      case .stopped: style.bad(" (stopped)")
      }
    let reused = summary.stages.reduce(0) { $0 + $1.reused }
    let calls = summary.stages.reduce(0) { $0 + $1.calls } + reused
    let spared =
      reused > 0 ? style.dim("; \(reused) of \(calls.counted("result")) reused") : ""
    return "\(style.bold(summary.name.printable)): \(result)\(ending) in "
      + "\(summary.seconds.duration)\(spared)"
  }

  private func words(_ status: CaseStatus) -> String {
    status == .notSelected ? "not selected" : status.rawValue
  }

  private func skipped(_ summary: RunSummary) -> [String] {
    summary.stages.filter { !$0.skipped.isEmpty }.map { stage in
      let kinds = stage.skipped.map { "\($0.count) \($0.text.printable)" }
      return style.dim("  \(stage.name) passed over: \(kinds.joined(separator: ", "))")
    }
  }

  private func list(_ summary: RunSummary, _ status: CaseStatus, limit: Int) -> [String] {
    let cases = summary.cases.filter { $0.status == status && !$0.isUnfinished }
    var lines = cases.prefix(limit).flatMap(self.case)
    if cases.count > limit {
      let more = "\(cases.count - limit) more \(words(status)); summary.json has them all"
      lines.append(style.dim("  and " + more))
    }
    return lines
  }

  private func `case`(_ item: CaseSummary) -> [String] {
    let lines = EventLines(style: style)
    var text = ["  " + lines.settled(item)]
    if let advice = item.hint, !advice.isEmpty { text.append("    " + hint(advice)) }
    return text
  }

  private func hint(_ text: String) -> String {
    style.dim("hint:") + " " + text.printable
  }

  private func places(_ summary: RunSummary, output: String) -> String {
    let files = summary.outputs.count + summary.cases.reduce(0) { $0 + $1.outputs.count }
    let what = files > 0 ? "\(files.counted("file")) in" : "no files; summary in"
    let folder = output.hasSuffix("/") ? output : output + "/"
    return
      "\(what) \(style.accent(folder.printable))\(files > 0 ? ", summary in summary.json" : "summary.json")"
  }
}
