internal import PonsHost

/// What the conformance suite found out, for people: one line a check.
struct ConformanceText {
  let style: Style

  func render(_ report: ConformanceReport) -> String {
    var lines = [String]()
    var stage: String?
    for (index, line) in report.lines.enumerated() {
      if index == 0 || line.stage != stage {
        stage = line.stage
        lines.append(style.bold((stage ?? report.plugin?.name ?? report.file).printable))
      }
      let reason = line.reason.isEmpty ? "" : ": \(line.reason.printable)"
      lines.append("  \(mark(line.outcome)) \(line.check.printable)\(reason)")
    }
    let counts = [
      "\(report.count(.passed)) passed", "\(report.count(.failed)) failed",
      "\(report.count(.skipped)) skipped",
    ].joined(separator: ", ")
    lines.append(report.isPassed ? style.good(counts) : style.bad(counts))
    return lines.joined(separator: "\n") + "\n"
  }

  private func mark(_ outcome: ConformanceReport.Outcome) -> String {
    switch outcome {
    case .passed: style.good(style.isUnicode ? "✓" : "ok  ")
    case .failed: style.bad(style.isUnicode ? "✗" : "FAIL")
    case .skipped: style.dim(style.isUnicode ? "-" : "skip")
    }
  }
}
