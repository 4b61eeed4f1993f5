internal import PonsKit

extension Graph {
  /// The graph for a terminal: one block a stage, in topological order.
  public var text: String {
    var lines = ["\(name)\(isUnsupervised ? " (unsupervised)" : "")", ""]
    let width = stages.map(\.name.count).max() ?? 0
    let indent = String(repeating: " ", count: width + 2)
    let edges = drawnEdges
    for (index, stage) in stages.enumerated() {
      let padding = String(repeating: " ", count: width - stage.name.count + 2)
      lines.append("\(stage.name)\(padding)\(stage.descriptor.id)")
      for edge in edges where edge.to == index {
        let truth = edge.carriesGroundTruth ? ", ground truth" : ""
        lines.append(
          "\(indent)\(edge.input) <- \(stages[edge.from].name).\(edge.output)  [\(edge.kind), \(edge.cardinality.rawValue)\(truth)]"
        )
      }
    }
    lines.append("")
    lines.append("outputs")
    for output in outputs {
      let port = stages[output.stage].descriptor.output(output.output)
      let truth = carriesGroundTruth(stage: output.stage, output: output.output)
      lines.append(
        "  \(output.name) <- \(stages[output.stage].name).\(output.output)  [\(port?.kind ?? "")\(truth ? ", ground truth" : "")]"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The graph in Graphviz' language.
  public var dot: String {
    var lines = [
      "digraph \(Self.quoted(name)) {", "  rankdir=LR;",
      "  node [shape=box, style=rounded, fontname=\"sans-serif\"];",
      "  edge [fontname=\"sans-serif\", fontsize=10];",
    ]
    for (index, stage) in stages.enumerated() {
      lines.append("  s\(index) [label=\(Self.quoted("\(stage.name)\n\(stage.descriptor.id)"))];")
    }
    for (index, output) in outputs.enumerated() {
      lines.append("  o\(index) [label=\(Self.quoted(output.name)), shape=note];")
    }
    for edge in drawnEdges {
      let ports = edge.output == edge.input ? edge.input : "\(edge.output) \u{2192} \(edge.input)"
      let label = edge.cardinality == .each ? ports : "\(ports) (\(edge.cardinality.rawValue))"
      lines.append(
        "  s\(edge.from) -> s\(edge.to) [label=\(Self.quoted(label))\(Self.style(edge.carriesGroundTruth))];"
      )
    }
    for (index, output) in outputs.enumerated() {
      let truth = carriesGroundTruth(stage: output.stage, output: output.output)
      lines.append(
        "  s\(output.stage) -> o\(index) [label=\(Self.quoted(output.output))\(Self.style(truth))];"
      )
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  private static func style(_ isGroundTruth: Bool) -> String {
    isGroundTruth ? ", style=dashed, color=\"#c2410c\", fontcolor=\"#c2410c\"" : ""
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
