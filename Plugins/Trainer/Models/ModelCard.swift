internal import PonsKit

/// What people should know about a model before they use it, in Markdown.
struct ModelCard {
  let facts: ModelFacts
  let name: String

  var text: String {
    var lines = ["# \(name)", ""]
    lines.append(
      "**Research use only.** Not a medical device: no clinical decision may rest on it.")
    let cases = facts.cases ?? 0
    if facts.synthetic > 0 {
      let all = facts.synthetic >= cases
      lines += [
        "",
        "**Synthetic.** \(all ? "Every case" : "\(facts.synthetic) of the \(cases) cases") it was "
          + "trained on was made up. What it does with patients' images is not known.",
      ]
    }
    lines += ["", "## Network", "", "| | |", "|---|---|"]
    lines.append(row("architecture", facts.architecture))
    for (name, value) in (facts.metadata["settings"]?.object ?? [:]).sorted(by: { $0.key < $1.key })
    {
      lines.append(row(name, value.canonical))
    }
    if let window = facts.metadata["window"] {
      lines.append(row("window (z, y, x)", window.canonical))
    }
    if let labels = facts.metadata["labels"] ?? facts.metadata["classes"] {
      lines.append(row("labels", labels.canonical))
    }
    lines.append(row("digest of the weights (SHA-256)", "`\(facts.digest)`"))
    lines += ["", "## Training", "", "| | |", "|---|---|"]
    for (name, value) in (facts.metadata["training"]?.object ?? [:]).sorted(by: { $0.key < $1.key })
    where name != "loss_curve" {
      lines.append(row(name, value.string ?? value.canonical))
    }
    if let last = facts.metadata["training"]?["loss_curve"]?.array?.last {
      lines.append(row("last loss", last.canonical))
    }
    lines += envelope
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ name: String, _ value: String) -> String {
    // A line would end the row, a bar the cell.
    let clean = value.map { $0 == "|" ? "\\|" : $0.isNewline ? " " : String($0) }.joined()
    return "| \(name) | \(clean) |"
  }

  private var envelope: [String] {
    guard let envelope = try? Envelope(facts.metadata["envelope"]) else { return [] }
    func list(_ texts: Set<String>) -> String {
      texts.sorted().map { $0.isEmpty ? "unknown" : $0 }.joined(separator: ", ")
    }
    var lines = [
      "", "## Envelope", "",
      "What the cases had in common. Cases outside are refused with the code `OUT_OF_ENVELOPE`.",
      "",
      "| | smallest to largest |", "|---|---|", row("modality", list(envelope.modalities)),
      row("orientation", list(envelope.orientations)),
    ]
    for measure in CaseFacts.Measure.allCases {
      guard let ranges = envelope.ranges[measure] else { continue }
      let shown = ranges.map { "\($0.lowerBound) to \($0.upperBound)" }.joined(separator: "; ")
      lines.append(row(measure.name + (measure.unit.isEmpty ? "" : ",\(measure.unit)"), shown))
    }
    return lines
  }
}
