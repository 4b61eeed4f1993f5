internal import PonsKit

extension Graph {
  /// The graph as a self-contained SVG image for light and dark backgrounds: stages as boxes with their ports, edges
  /// coloured by the kind of their packets, dashed where they carry ground truth.
  public var svg: String { GraphDrawing(self).svg }
}

/// One box of the drawing: a stage, or a declared output.
struct DrawnBox {
  var title: String
  var subtitle: String
  var inputs: [(name: String, badge: String)]
  var outputs: [String]
  var isOutput = false
  var carriesGroundTruth = false

  static let rowHeight = 20.0
  static let padding = 12.0

  var headHeight: Double { subtitle.isEmpty ? 30 : 46 }

  var height: Double {
    let rows = max(inputs.count, outputs.count)
    return headHeight + (rows > 0 ? Double(rows) * Self.rowHeight + 6 : 0)
  }

  /// Widths of the letters of common sans-serif fonts, on average; wide enough for most texts.
  var width: Double {
    let left = inputs.map { Double($0.name.count) * 7.2 + Self.badgeWidth($0.badge) }.max() ?? 0
    let right = outputs.map { Double($0.count) * 7.2 }.max() ?? 0
    let head = max(Double(title.count) * 8.2, Double(subtitle.count) * 6.8)
    return max(isOutput ? 70 : 110, max(head, left + right + 24) + 2 * Self.padding).rounded()
  }

  static func badgeWidth(_ badge: String) -> Double {
    badge.isEmpty ? 0 : Double(badge.count) * 6.2 + 16
  }

  /// Height of a port's dot below the top of the box.
  func portOffset(_ row: Int) -> Double {
    headHeight + (Double(row) + 0.5) * Self.rowHeight
  }
}

/// Builds the SVG text.
private struct GraphDrawing {
  private static let margin = 24.0
  private static let titleHeight = 34.0
  private static let legendHeight = 40.0

  let graph: Graph
  let boxes: [DrawnBox]
  let edges: [Graph.DrawnEdge]
  let layout: LayeredLayout

  init(_ graph: Graph) {
    self.graph = graph
    var boxes = graph.stages.map { stage in
      DrawnBox(
        title: stage.name, subtitle: stage.descriptor.id,
        inputs: stage.descriptor.inputs.filter { port in
          stage.inputs.contains { $0.port == port.name }
        }.map { port in
          var badge = ""
          if case .input(let cardinality) = port.flow, cardinality != .each {
            badge = cardinality.rawValue
          }
          return (port.name, badge)
        }, outputs: [])
    }
    var edges = graph.drawnEdges
    for (index, output) in graph.outputs.enumerated() {
      let kind =
        graph.stages[output.stage].descriptor.output(output.output)?.kind ?? ""
      boxes.append(
        DrawnBox(title: output.name, subtitle: "", inputs: [], outputs: [], isOutput: true))
      edges.append(
        Graph.DrawnEdge(
          from: output.stage, output: output.output, to: graph.stages.count + index, input: "",
          cardinality: .each, kind: kind,
          carriesGroundTruth: graph.carriesGroundTruth(
            stage: output.stage, output: output.output)))
    }
    for (index, stage) in graph.stages.enumerated() {
      let used = Set(edges.filter { $0.from == index }.map(\.output))
      boxes[index].outputs = stage.descriptor.outputs.map(\.name).filter { used.contains($0) }
      boxes[index].carriesGroundTruth = stage.carriesGroundTruth
    }
    let links = edges.map { edge in
      let row = boxes[edge.from].outputs.firstIndex(of: edge.output) ?? 0
      let arrival = boxes[edge.to].inputs.firstIndex { $0.name == edge.input }
      return LayeredLayout.Link(
        from: edge.from, to: edge.to, fromOffset: boxes[edge.from].portOffset(row),
        toOffset: arrival.map { boxes[edge.to].portOffset($0) } ?? boxes[edge.to].height / 2)
    }
    layout = LayeredLayout(
      boxes: boxes.map {
        LayeredLayout.Box(width: $0.width, height: $0.height, isLast: $0.isOutput)
      }, links: links)
    self.boxes = boxes
    self.edges = edges
  }

  var svg: String {
    let kinds = Array(Set(edges.map(\.kind))).sorted()
    let hasTruth = edges.contains(where: \.carriesGroundTruth)
    let legendWidth = kinds.reduce(hasTruth ? 140.0 : 0) { $0 + Double($1.count) * 6.8 + 48 }
    let width = max(layout.width, legendWidth, 200) + 2 * Self.margin
    let height = layout.height + 2 * Self.margin + Self.titleHeight + Self.legendHeight
    let size = "\(SVG.text(width)) \(SVG.text(height))"
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" width=\"\(SVG.text(width))\" height=\"\(SVG.text(height))\" role=\"img\" aria-label=\"Graph of \(SVG.escaped(graph.name))\">",
      SVG.style(kinds),
      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"name\" x=\"\(SVG.text(Self.margin))\" y=\"\(SVG.text(Self.margin + 12))\">\(SVG.escaped(graph.name))\(graph.isUnsupervised ? "<tspan class=\"id\" dx=\"10\">unsupervised</tspan>" : "")</text>",
      "<g transform=\"translate(\(SVG.text(Self.margin)) \(SVG.text(Self.margin + Self.titleHeight)))\">",
    ]
    for (edge, route) in zip(edges, layout.routes) {
      let truth = edge.carriesGroundTruth ? " truth" : ""
      lines.append(
        "<path class=\"edge \(SVG.kindClass(edge.kind))\(truth)\" d=\"\(path(route))\"><title>\(SVG.escaped(title(edge)))</title></path>"
      )
    }
    for index in boxes.indices { lines += box(index) }
    lines.append("</g>")
    lines += legend(kinds, hasTruth: hasTruth, y: height - Self.margin - 6)
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private func title(_ edge: Graph.DrawnEdge) -> String {
    let end = edge.input.isEmpty ? "output" : edge.input
    let truth = edge.carriesGroundTruth ? ", ground truth" : ""
    return
      "\(boxes[edge.from].title).\(edge.output) \u{2192} \(boxes[edge.to].title).\(end): \(edge.kind)\(truth)"
  }

  private func box(_ index: Int) -> [String] {
    let box = boxes[index]
    let corner = layout.corners[index]
    let middle = SVG.text(box.width / 2)
    var lines = [
      "<g transform=\"translate(\(SVG.text(corner.x)) \(SVG.text(corner.y)))\">",
      "<rect class=\"\(box.isOutput ? "result" : "stage")\" width=\"\(SVG.text(box.width))\" height=\"\(SVG.text(box.height))\" rx=\"\(box.isOutput ? SVG.text(box.height / 2) : "8")\"/>",
    ]
    if box.isOutput {
      lines.append(
        "<text class=\"head middle\" x=\"\(middle)\" y=\"\(SVG.text(box.height / 2 + 5))\">\(SVG.escaped(box.title))</text>"
      )
    } else {
      lines.append(
        "<text class=\"head\" x=\"12\" y=\"20\">\(SVG.escaped(box.title))</text>")
      lines.append("<text class=\"id\" x=\"12\" y=\"37\">\(SVG.escaped(box.subtitle))</text>")
    }
    for (row, input) in box.inputs.enumerated() {
      let y = box.portOffset(row)
      let edge = edges.first { $0.to == index && $0.input == input.name }
      lines.append(dot(0, y, edge))
      lines.append(
        "<text class=\"port\" x=\"12\" y=\"\(SVG.text(y + 4))\">\(SVG.escaped(input.name))</text>")
      if !input.badge.isEmpty {
        let x = 12 + Double(input.name.count) * 7.2 + 6
        let width = Double(input.badge.count) * 6.2 + 10
        lines.append(
          "<rect class=\"badge\" x=\"\(SVG.text(x))\" y=\"\(SVG.text(y - 7))\" width=\"\(SVG.text(width))\" height=\"14\" rx=\"7\"/><text class=\"small middle\" x=\"\(SVG.text(x + width / 2))\" y=\"\(SVG.text(y + 3.5))\">\(input.badge)</text>"
        )
      }
    }
    for (row, output) in box.outputs.enumerated() {
      let y = box.portOffset(row)
      let edge = edges.first { $0.from == index && $0.output == output }
      lines.append(dot(box.width, y, edge))
      lines.append(
        "<text class=\"port end\" x=\"\(SVG.text(box.width - 12))\" y=\"\(SVG.text(y + 4))\">\(SVG.escaped(output))</text>"
      )
    }
    lines.append("</g>")
    return lines
  }

  private func dot(_ x: Double, _ y: Double, _ edge: Graph.DrawnEdge?) -> String {
    "<circle class=\"dot \(SVG.kindClass(edge?.kind ?? ""))\" cx=\"\(SVG.text(x))\" cy=\"\(SVG.text(y))\" r=\"4\"/>"
  }

  private func legend(_ kinds: [String], hasTruth: Bool, y: Double) -> [String] {
    var x = Self.margin
    var lines: [String] = []
    func entry(_ kind: String, _ title: String, _ more: String) {
      lines.append(
        "<path class=\"edge \(kind)\(more)\" d=\"M\(SVG.text(x)) \(SVG.text(y)) h22\"/><text class=\"small\" x=\"\(SVG.text(x + 28))\" y=\"\(SVG.text(y + 4))\">\(SVG.escaped(title))</text>"
      )
      x += Double(title.count) * 6.8 + 48
    }
    for kind in kinds { entry(SVG.kindClass(kind), kind, "") }
    if hasTruth { entry("", "ground truth", " truth") }
    return lines
  }

  /// Curves that leave and arrive horizontally; through columns they go straight.
  private func path(_ route: [LayeredLayout.Point]) -> String {
    guard let first = route.first else { return "" }
    var result = "M\(SVG.text(first.x)) \(SVG.text(first.y))"
    for (index, pair) in zip(route, route.dropFirst()).enumerated() {
      let (a, b) = pair
      if index.isMultiple(of: 2) {
        let reach = (b.x - a.x) * 0.5
        result +=
          " C\(SVG.text(a.x + reach)) \(SVG.text(a.y)) \(SVG.text(b.x - reach)) \(SVG.text(b.y)) \(SVG.text(b.x)) \(SVG.text(b.y))"
      } else {
        result += " L\(SVG.text(b.x)) \(SVG.text(b.y))"
      }
    }
    return result
  }
}
