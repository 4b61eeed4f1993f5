package import PonsEngine
internal import PonsKit

/// A plan for people: a line a stage, with the reasons below it.
package struct PlanText {
  private let style: Style
  private let width: Int
  private let listsCases: Bool

  /// Lays a plan out.
  ///
  /// - Parameter listsCases: a line for every call that would be made, instead of one for each reason.
  package init(style: Style, width: Int, listsCases: Bool) {
    self.style = style
    self.width = width
    self.listsCases = listsCases
  }

  /// The text, with a line break at the end.
  package func render(_ plan: RunPlan) -> String {
    let names = plan.stages.map(\.name.printable.displayWidth).max() ?? 0
    let column = min(max(names, 5), 24)
    let jobs = plan.jobs
    var lines = [
      style.dim(
        "stage".fitted(to: column) + "  cached  to run  " + "time".fitted(to: 10) + "  results")
    ]
    for stage in plan.stages {
      var line = stage.name.printable.fitted(to: column)
      line += "  " + pad("\(stage.cached)", 6)
      let missing = pad("\(stage.missing)", 6)
      line += "  " + (stage.missing > 0 ? style.warning(missing) : missing)
      let count = Double(stage.missing)
      let isKnown = stage.missing > 0 && stage.callSeconds != nil
      let time = isKnown ? (count * (stage.callSeconds ?? 0)).duration : ""
      let bytes = isKnown ? "\(ByteCount(bytes: Int(count * (stage.callBytes ?? 0))))" : ""
      if stage.missing > 0 {
        line += "  " + (isKnown ? time : "not known").fitted(to: 10) + "  " + bytes
      }
      while line.hasSuffix(" ") { line.removeLast() }
      lines.append(line)
      lines += reasons(plan.calls.filter { $0.stage == stage.name && $0.changes != nil })
      if stage.isOpenEnded {
        lines.append("  " + style.dim("makes new cases; what follows them is not counted"))
      }
    }
    lines.append("")
    let missing = plan.stages.reduce(0) { $0 + $1.missing }
    let cached = plan.stages.reduce(0) { $0 + $1.cached }
    var total = "\(style.bold(plan.name.printable)): \(cached.counted("result")) cached, "
    total += missing == 0 ? "nothing to run" : "\(missing.counted("call")) to run"
    if missing > 0, plan.unknown.count < plan.stages.count { total += estimate(plan, jobs) }
    lines += [TextLayout.wrap(total, width: width)]
    if !plan.unknown.isEmpty {
      lines.append(
        TextLayout.wrap(
          "No earlier run tells what these take: \(plan.unknown.joined(separator: ", ").printable)",
          width: width))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func estimate(_ plan: RunPlan, _ jobs: Int) -> String {
    ", at least \(plan.seconds.duration) on \(jobs.counted("job")); about "
      + "\(ByteCount(bytes: plan.bytes)) to write, \(ByteCount(bytes: plan.freeBytes)) free"
  }

  private func reasons(_ calls: [RunPlan.Call]) -> [String] {
    if listsCases {
      return calls.map { call in
        let reasons = (call.changes ?? []).map(\.text).joined(separator: "; ").printable
        return TextLayout.table([(call.caseKey ?? "all cases", reasons)], width: width)
      }
    }
    // The same reason for many cases is one line.
    var order: [String] = []
    var counts: [String: Int] = [:]
    for call in calls {
      let text = (call.changes ?? []).map(\.text).joined(separator: "; ").printable
      if counts[text] == nil { order.append(text) }
      counts[text, default: 0] += 1
    }
    let isOfAll = calls.count == 1 && calls.first?.caseKey == nil
    var lines = order.prefix(5).map { text in
      let whom = isOfAll ? "" : "\((counts[text] ?? 0).counted("case")): "
      return TextLayout.wrap(whom + text, width: width, indentation: "  ")
    }
    if order.count > 5 {
      lines.append("  " + style.dim("and \(order.count - 5) other reasons; --cases lists all"))
    }
    return lines
  }

  private func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
