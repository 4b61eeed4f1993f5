internal import PonsKit

extension Graph {
  /// A small picture for texts: stages as boxes without ports, in rows like words, and only the edges that no way through other stages
  /// implies. What is left out is in ``svg``.
  public var overview: String { OverviewDrawing(self).svg }
}

/// Stages stand in columns by their longest way from a source; the columns are wrapped into rows.
private struct OverviewDrawing {
  private static let margin = 20.0
  private static let titleHeight = 34.0
  private static let columns = 6
  private static let boxWidth = 132.0
  private static let boxHeight = 44.0
  private static let columnGap = 28.0
  private static let stackGap = 12.0
  /// Between rows, where edges run back to the left.
  private static let rowGap = 34.0

  private struct Box {
    var title: String
    var subtitle: String
    var isOutput: Bool
    var layer: Int
    var x = 0.0
    var y = 0.0
  }

  private let graph: Graph
  private var boxes: [Box]
  private let edges: [Graph.DrawnEdge]
  /// The lower end of each row.
  private var bottoms: [Double] = []

  init(_ graph: Graph) {
    self.graph = graph
    boxes = graph.stages.map {
      Box(title: $0.name, subtitle: $0.descriptor.id, isOutput: false, layer: 0)
    }
    var all = graph.drawnEdges
    for output in graph.outputs {
      let kind = graph.stages[output.stage].descriptor.output(output.output)?.kind ?? ""
      all.append(
        Graph.DrawnEdge(
          from: output.stage, output: output.output, to: boxes.count, input: "", cardinality: .each,
          kind: kind,
          carriesGroundTruth: graph.carriesGroundTruth(
            stage: output.stage, output: output.output)))
      boxes.append(Box(title: output.name, subtitle: "", isOutput: true, layer: 0))
    }
    edges = Self.reduced(all, nodes: boxes.count)
    for edge in edges.sorted(by: { $0.from < $1.from }) {
      boxes[edge.to].layer = max(boxes[edge.to].layer, boxes[edge.from].layer + 1)
    }
    place()
  }

  /// The edges between stages that are not implied by a longer way, one for each pair. Where ground truth goes is always shown.
  ///
  /// - Parameter edges: from lower to higher indices.
  private static func reduced(_ edges: [Graph.DrawnEdge], nodes: Int) -> [Graph.DrawnEdge] {
    var following = Array(repeating: Set<Int>(), count: nodes)
    for edge in edges { following[edge.from].insert(edge.to) }
    var reached = Array(repeating: Set<Int>(), count: nodes)
    for node in (0..<nodes).reversed() {
      for next in following[node] { reached[node].formUnion(reached[next].union([next])) }
    }
    var seen: Set<[Int]> = []
    return edges.filter { edge in
      let isImplied = following[edge.from].contains {
        $0 != edge.to && reached[$0].contains(edge.to)
      }
      return (!isImplied || edge.carriesGroundTruth) && seen.insert([edge.from, edge.to]).inserted
    }
  }

  private mutating func place() {
    let layers = Dictionary(grouping: boxes.indices) { boxes[$0].layer }
    let rows = ((layers.keys.max() ?? 0) / Self.columns) + 1
    var top = 0.0
    for row in 0..<rows {
      var tallest = 0
      for column in 0..<Self.columns {
        let stack = layers[row * Self.columns + column] ?? []
        tallest = max(tallest, stack.count)
        for (position, box) in stack.enumerated() {
          boxes[box].x = Double(column) * (Self.boxWidth + Self.columnGap)
          boxes[box].y = top + Double(position) * (Self.boxHeight + Self.stackGap)
        }
      }
      top += Double(tallest) * (Self.boxHeight + Self.stackGap) - Self.stackGap
      bottoms.append(top)
      top += Self.rowGap
    }
  }

  var svg: String {
    let widest = boxes.map { $0.x + Self.boxWidth }.max() ?? 0
    let width = max(widest, 240) + 2 * Self.margin
    let height = (bottoms.last ?? 0) + 2 * Self.margin + Self.titleHeight
    let kinds = Array(Set(edges.map(\.kind))).sorted()
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(SVG.text(width)) \(SVG.text(height))\" width=\"\(SVG.text(width))\" height=\"\(SVG.text(height))\" role=\"img\" aria-label=\"Overview of \(SVG.escaped(graph.name))\">",
      SVG.style(kinds),
      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"name\" x=\"\(SVG.text(Self.margin))\" y=\"\(SVG.text(Self.margin + 12))\">\(SVG.escaped(graph.name))</text>",
      "<g transform=\"translate(\(SVG.text(Self.margin)) \(SVG.text(Self.margin + Self.titleHeight)))\">",
    ]
    for edge in edges {
      let truth = edge.carriesGroundTruth ? " truth" : ""
      lines.append(
        "<path class=\"edge \(SVG.kindClass(edge.kind))\(truth)\" d=\"\(path(edge))\"><title>\(SVG.escaped("\(boxes[edge.from].title) \u{2192} \(boxes[edge.to].title): \(edge.kind)"))</title></path>"
      )
    }
    for edge in edges {
      let box = boxes[edge.to]
      lines.append(
        "<circle class=\"dot \(SVG.kindClass(edge.kind))\" cx=\"\(SVG.text(box.x))\" cy=\"\(SVG.text(box.y + Self.boxHeight / 2))\" r=\"4\"/>"
      )
    }
    for box in boxes { lines += draw(box) }
    return (lines + ["</g>", "</svg>"]).joined(separator: "\n") + "\n"
  }

  private func draw(_ box: Box) -> [String] {
    let middle = SVG.text(Self.boxWidth / 2)
    let rectangle =
      "<rect class=\"\(box.isOutput ? "result" : "stage")\" width=\"\(SVG.text(Self.boxWidth))\" height=\"\(SVG.text(Self.boxHeight))\" rx=\"\(box.isOutput ? SVG.text(Self.boxHeight / 2) : "8")\"/>"
    let place = "<g transform=\"translate(\(SVG.text(box.x)) \(SVG.text(box.y)))\">"
    let title =
      "<text class=\"head middle\" x=\"\(middle)\" y=\"\(box.isOutput ? "27" : "19")\">\(SVG.escaped(box.title))</text>"
    if box.isOutput { return [place, rectangle, title, "</g>"] }
    let subtitle =
      "<text class=\"small middle\" x=\"\(middle)\" y=\"35\">\(SVG.escaped(box.subtitle))</text>"
    return [place, rectangle, title, subtitle, "</g>"]
  }

  /// To the next column in a curve; to other rows, and past other columns, below the own row and down at the left.
  private func path(_ edge: Graph.DrawnEdge) -> String {
    let (from, to) = (boxes[edge.from], boxes[edge.to])
    let start = (x: from.x + Self.boxWidth, y: from.y + Self.boxHeight / 2)
    let end = (x: to.x, y: to.y + Self.boxHeight / 2)
    let row = from.layer / Self.columns
    let isNext = to.layer == from.layer + 1 && to.layer / Self.columns == row
    var result = "M\(SVG.text(start.x)) \(SVG.text(start.y))"
    if isNext {
      let middle = SVG.text((start.x + end.x) / 2)
      return result
        + " C\(middle) \(SVG.text(start.y)) \(middle) \(SVG.text(end.y)) \(SVG.text(end.x)) \(SVG.text(end.y))"
    }
    let side = Self.columnGap / 2 - 2
    func turn(_ points: [(x: Double, y: Double)]) {
      for point in points { result += " L\(SVG.text(point.x)) \(SVG.text(point.y))" }
    }
    let gutter = bottoms[row] + Self.rowGap / 2
    turn([(start.x + side, start.y), (start.x + side, gutter)])
    let above = to.layer / Self.columns - 1
    if above > row {
      // Through the margin to the row above the one where it goes.
      let target = bottoms[above] + Self.rowGap / 2
      turn([(-side, gutter), (-side, target)])
      turn([(end.x - side, target)])
    } else {
      turn([(end.x - side, gutter)])
    }
    turn([(end.x - side, end.y), end])
    return result
  }
}
