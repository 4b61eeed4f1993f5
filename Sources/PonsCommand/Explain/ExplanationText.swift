internal import PonsEngine
internal import PonsKit

/// An explanation for people: a paragraph for each call, the result first and the sources last.
struct ExplanationText {
  let style: Style
  let width: Int
  /// Whether paths, UIDs and other private facts are shown.
  let phi: Bool

  private typealias Row = (label: String, text: String)

  func render(_ result: ExplainedResult) -> String {
    let explanation = result.explanation
    var blocks = [head(result)]
    for step in explanation.steps { blocks.append(paragraph(step, result)) }
    if !explanation.missing.isEmpty {
      blocks.append(
        style.warning("No longer known: ") + explanation.missing.joined(separator: ", ").printable)
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  // MARK: The result

  private func head(_ result: ExplainedResult) -> String {
    let explanation = result.explanation
    let subject = [explanation.caseKey, explanation.output].compactMap { $0 }
    var rows: [Row] = []
    if let file = result.file {
      let state =
        switch file.isUnchanged {
        case true?: style.good("as the run wrote it")
        case false?: style.bad("CHANGED since the run wrote it")
        case nil: "not known whether it is as the run wrote it"
        }
      rows.append(("file", "\(file.path.printable), \(state)"))
      rows.append(("SHA-256", file.digest))
    }
    if let status = result.fate?["status"]?.string {
      var text = status
      if let stage = result.fate?["stage"]?.string { text += " at \(stage)" }
      if let code = result.fate?["code"]?.string { text += ": \(code)" }
      if let reason = result.fate?["reason"]?.string { text += ", \(reason)" }
      rows.append(("case", text.printable))
    }
    rows.append(("run", "\(explanation.name.printable), \(explanation.run)"))
    for file in result.manifestFiles(phi: phi) {
      let name = (file["file"]?.string ?? "").printable
      rows.append(("manifest", "\(name), SHA-256 \(short(file["sha256"]?.string))"))
    }
    if let program = explanation.about["program"]?.string {
      rows.append(("program", "Pons \(program.printable)"))
    }
    var text = style.bold(subject.joined(separator: " ").printable) + "\n" + table(rows)
    for note in result.notes { text += "\n" + style.warning(note) }
    return text
  }

  // MARK: A call

  private func paragraph(_ step: Explanation.Step, _ result: ExplainedResult) -> String {
    let account = step.account(in: result.explanation.about)
    let isOfOtherCase = step.caseKey != nil && step.caseKey != result.explanation.caseKey
    var title = style.bold(step.stage.printable)
    if isOfOtherCase, let key = step.caseKey { title += " for \(key)" }
    title += style.dim("  \(step.use.printable), version \(step.version.printable)")
    if step.carriesGroundTruth { title += style.warning("  ground truth") }

    var rows: [Row] = []
    if let failure = step.failure { rows.append(("failed", style.bad(failure.printable))) }
    for input in step.inputs { rows.append((input.port.printable, text(input, result))) }
    rows += sources(step, result)
    rows += parameters(step, account)
    for verdict in step.verdicts { rows.append(("decided", text(verdict))) }
    for output in step.outputs { rows += self.rows(output, step) }
    let plugin = account?["plugin"]?["name"]?.string ?? "plugin"
    let version = account?["plugin"]?["version"]?.string ?? ""
    rows.append(
      (
        "plugin",
        "\(plugin.printable) \(version.printable), SHA-256 \(short(step.code))"
      ))
    var call = step.isReused ? "reused; took " : "took "
    call += step.seconds.duration
    if let threads = Int(step.threads) { call += " on \(threads.counted("thread"))" }
    if !step.seed.isEmpty { call += ", seed \(step.seed)" }
    if step.failure == nil { rows.append(("call", style.dim("\(call), key \(short(step.key))"))) }
    return title + "\n" + table(rows)
  }

  private func text(_ input: Explanation.Input, _ result: ExplainedResult) -> String {
    let arrow = style.isUnicode ? "←" : "<-"
    var text = "\(arrow) \(input.stage.printable).\(input.output.printable)"
    if input.packets.isEmpty { return text }
    let others = input.packets.compactMap(\.caseKey).filter { $0 != result.explanation.caseKey }
    if input.packets.count > 1 || !others.isEmpty {
      text += ", \(input.packets.count.counted("packet"))"
      let keys = input.packets.compactMap(\.caseKey)
      text += " of \(keys.prefix(6).joined(separator: ", "))"
      if keys.count > 6 { text += " and \(keys.count - 6) more" }
    }
    return text
  }

  private func sources(_ step: Explanation.Step, _ result: ExplainedResult) -> [Row] {
    var rows: [Row] = []
    if !step.sources.isEmpty {
      let files = result.sourceFiles["\(step.stage)/\(step.caseKey ?? "")"] ?? []
      if phi, files.count == step.sources.count {
        for (file, digest) in zip(files, step.sources) {
          rows.append(("file", file.printable))
          rows.append(("SHA-256", digest))
        }
      } else {
        let rest = step.sources.count > 3 ? ["and \(step.sources.count - 3) more"] : []
        rows.append(("files", step.sources.count.counted("source file")))
        rows.append(("SHA-256", (step.sources.prefix(3) + rest).joined(separator: "\n")))
      }
    }
    for digest in step.files where !digest.isEmpty {
      rows.append(("SHA-256", "\(digest)\nof a model or table that a parameter names"))
    }
    guard phi else { return rows }
    let instances = step.outputs.flatMap(\.instances)
    if !instances.isEmpty, step.inputs.isEmpty {
      rows.append(("SOP instances", instances.map(\.printable).joined(separator: "\n")))
    }
    return rows
  }

  // MARK: Parameters

  private func parameters(_ step: Explanation.Step, _ account: JSON?) -> [Row] {
    var rows: [Row] = []
    var defaults: [String] = []
    for parameter in step.parameters {
      let value = step.shown(parameter, phi: phi).brief().printable
      guard let origin = account?["parameters"]?[parameter.name] else {
        defaults.append("\(parameter.name) \(value.isEmpty ? "''" : value)")
        continue
      }
      rows.append((parameter.name.printable, "\(value)\n\(style.dim(text(origin)))"))
    }
    if !defaults.isEmpty { rows.append(("defaults", style.dim(defaults.joined(separator: "; ")))) }
    return rows
  }

  /// `clisc.yaml:33:12 through keep (overlay site, reason: ..., by: ...)`
  private func text(_ origin: JSON) -> String {
    var text = place(origin["origin"])
    for reference in origin["through"]?.array ?? [] {
      let name = reference["parameter"]?.string ?? ""
      text += "\nthrough \(name.printable): \(place(reference["origin"]))"
    }
    return text
  }

  private func place(_ origin: JSON?) -> String {
    guard let file = origin?["file"]?.string else { return "nobody set it" }
    var text = phi ? file : file.split(separator: "/").last.map(String.init) ?? file
    if let line = origin?["line"]?.integer, let column = origin?["column"]?.integer {
      text += ":\(line):\(column)"
    }
    if let overlay = origin?["overlay"]?.string { text += ", overlay \(overlay)" }
    if let reason = origin?["reason"]?.string { text += ", reason: \(reason)" }
    if let by = origin?["by"]?.string { text += ", by \(by)" }
    return text.printable
  }

  // MARK: What came out

  private func text(_ verdict: Verdict) -> String {
    let words =
      switch verdict.decision {
      case .keep: style.good("keep")
      case .drop: style.warning("drop")
      case .notSelected: style.warning("not selected")
      }
    var facts: [String] = []
    if let key = verdict.caseKey { facts.append(key) }
    if let score = verdict.score { facts.append("score \(JSON.number(score).brief())") }
    if let rank = verdict.rank { facts.append("rank \(rank)") }
    if !verdict.reason.isEmpty { facts.append(verdict.reason) }
    return ([words] + facts.map(\.printable)).joined(separator: ", ")
  }

  private func rows(_ output: Explanation.Output, _ step: Explanation.Step) -> [Row] {
    let arrow = style.isUnicode ? "→" : "->"
    var text = "\(arrow) \(output.port.printable)"
    if output.kind != output.port { text += ": \(output.kind.printable)" }
    if let shape = output.shapes["voxels"] ?? output.shapes["images"] {
      text += " " + shape.map(String.init).joined(separator: " x ")
    }
    if let port = output.forwarded { text += ", passed on as it came in at \(port.printable)" }
    if let problem = output.problem { text += ", " + style.bad(problem.printable) }
    var rows: [Row] = [("sent", text)]
    for (name, value) in (output.metadata?.object ?? [:]).sorted(by: { $0.key < $1.key })
    where !["columns", "files", "grid", "rows"].contains(name) {
      rows.append(("  " + name.printable, value.brief().printable.cut(to: 240)))
    }
    if let values = output.values {
      for line in ValueLines.of(output.kind, values) { rows.append(("  " + line.label, line.text)) }
    }
    if phi, let sidecar = output.sidecar?.object, !sidecar.isEmpty, step.inputs.isEmpty {
      rows.append(("  private", JSON.object(sidecar).brief().printable.cut(to: 1200)))
    }
    return rows
  }

  private func short(_ digest: String?) -> String { String((digest ?? "").prefix(16)) }

  private func table(_ rows: [Row]) -> String {
    TextLayout.table(rows, width: width) { style.accent($0) }
  }
}

/// The few values of small kinds as lines.
private enum ValueLines {
  private static let limit = 12

  static func of(_ kind: String, _ values: JSON) -> [(label: String, text: String)] {
    switch kind {
    case "table": table(values)
    case "slice-labels": slices(values)
    case "prompts":
      ["boxes", "points"].flatMap { name in
        list(name, values[name]?.array ?? [])
      }
    default: [("content", values.brief().printable)]
    }
  }

  private static func list(_ name: String, _ rows: [JSON]) -> [(String, String)] {
    if rows.isEmpty { return [] }
    var lines = rows.prefix(limit).map { $0.brief().printable }
    if rows.count > limit { lines.append("and \(rows.count - limit) more") }
    return [(name, lines.joined(separator: "\n"))]
  }

  private static func table(_ values: JSON) -> [(String, String)] {
    let columns = (values["columns"]?.array ?? []).compactMap(\.string)
    let rows = (values["rows"]?.array ?? []).map { row in
      zip(columns, row.array ?? []).map { "\($0) \($1.brief())" }.joined(separator: ", ")
    }
    return list("rows", rows.map(JSON.string))
  }

  /// Slices that follow each other with one label are one line, with the range of its probability.
  private static func slices(_ values: JSON) -> [(String, String)] {
    let classes = (values["classes"]?.array ?? []).compactMap(\.string)
    struct Span {
      var label: String
      var first: Int64
      var last: Int64
      var lowest: Double
      var highest: Double
    }
    var spans: [Span] = []
    for slice in values["slices"]?.array ?? [] {
      let z = slice["z"]?.integer ?? 0
      let label = slice["label"]?.string ?? "none"
      let position = classes.firstIndex(of: label)
      let probabilities = (slice["probability"]?.array ?? []).map { $0.number ?? 0 }
      let value =
        position.flatMap { probabilities.indices.contains($0) ? probabilities[$0] : nil }
        ?? probabilities.max() ?? 0
      if let span = spans.last, span.label == label, span.last == z - 1 {
        spans[spans.count - 1].last = z
        spans[spans.count - 1].lowest = min(span.lowest, value)
        spans[spans.count - 1].highest = max(span.highest, value)
      } else {
        spans.append(Span(label: label, first: z, last: z, lowest: value, highest: value))
      }
    }
    let lines = spans.map { span in
      let range = span.first == span.last ? "\(span.first)" : "\(span.first)-\(span.last)"
      let low = span.lowest.fixed(3)
      let high = span.highest.fixed(3)
      let values = low == high ? low : "\(low) to \(high)"
      return "slices \(range): \(span.label), probability \(values)"
    }
    var shown = Array(lines.prefix(2 * limit))
    if lines.count > shown.count { shown.append("and \(lines.count - shown.count) more spans") }
    return [("labels", shown.map(\.printable).joined(separator: "\n"))]
  }
}
