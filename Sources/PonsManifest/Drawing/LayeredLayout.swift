/// Places the boxes of a directed graph without cycles in columns, from left to right, so that edges are short and
/// cross little: longest-path layering, barycentre ordering, and least-squares heights that keep the order.
package struct LayeredLayout {
  package struct Box {
    package var width: Double
    package var height: Double
    /// Drawn in the last column, whatever it depends on.
    package var isLast: Bool

    package init(width: Double, height: Double, isLast: Bool = false) {
      self.width = width
      self.height = height
      self.isLast = isLast
    }
  }

  package struct Link {
    package var from: Int
    package var to: Int
    /// Where the edge leaves and arrives, from the top of its boxes.
    package var fromOffset: Double
    package var toOffset: Double

    package init(from: Int, to: Int, fromOffset: Double, toOffset: Double) {
      self.from = from
      self.to = to
      self.fromOffset = fromOffset
      self.toOffset = toOffset
    }
  }

  package struct Point: Hashable {
    package var x: Double
    package var y: Double
  }

  /// Left upper corner of each box.
  package private(set) var corners: [Point] = []
  /// For each link: start, the two ends of every column it passes, end.
  package private(set) var routes: [[Point]] = []
  package private(set) var width = 0.0
  package private(set) var height = 0.0

  private static let columnGap = 70.0
  private static let rowGap = 28.0
  private static let sweeps = 12
  /// Above these numbers a drawing is a thicket anyway, and must at least not take for ever.
  private static let mostCompared = 500
  private static let mostPassed = 20_000

  /// A box, or the place where a long edge passes a column.
  private struct Node {
    var box: Int?
    var layer: Int
    var height: Double
    var y = 0.0
  }

  /// A link between neighbouring columns.
  private struct Segment {
    var from: Int
    var to: Int
    var fromOffset: Double
    var toOffset: Double
  }

  private var nodes: [Node] = []
  private var segments: [Segment] = []
  private var layers: [[Int]] = []
  /// The segments that end in, and begin in, each column.
  private var arriving: [Int: [Segment]] = [:]
  private var leaving: [Int: [Segment]] = [:]
  /// For each link, the nodes that it goes through.
  private var chains: [[Int]] = []

  /// Links must go from lower to higher indices.
  package init(boxes: [Box], links: [Link]) {
    assignLayers(boxes, links)
    order()
    for _ in 0..<Self.sweeps { settle() }
    place(boxes, links)
  }

  private mutating func assignLayers(_ boxes: [Box], _ links: [Link]) {
    var layer = Array(repeating: 0, count: boxes.count)
    for link in links.sorted(by: { $0.from < $1.from }) {
      layer[link.to] = max(layer[link.to], layer[link.from] + 1)
    }
    let last = layer.max() ?? 0
    for index in boxes.indices where boxes[index].isLast { layer[index] = last }
    // A source that is needed late only stands just before the place where it is needed.
    for index in boxes.indices.reversed() where !links.contains(where: { $0.to == index }) {
      let needed = links.filter { $0.from == index }.map { layer[$0.to] }.min()
      if let needed { layer[index] = needed - 1 }
    }
    layers = Array(repeating: [], count: last + 1)
    for index in boxes.indices {
      nodes.append(Node(box: index, layer: layer[index], height: boxes[index].height))
      layers[layer[index]].append(index)
    }
    for link in links {
      var chain = [link.from]
      let between = (layer[link.from] + 1)..<max(layer[link.to], layer[link.from] + 1)
      for passed in between where nodes.count < boxes.count + Self.mostPassed {
        layers[passed].append(nodes.count)
        chain.append(nodes.count)
        nodes.append(Node(box: nil, layer: passed, height: 6))
      }
      chain.append(link.to)
      for (from, to) in zip(chain, chain.dropFirst()) {
        segments.append(
          Segment(
            from: from, to: to, fromOffset: from == link.from ? link.fromOffset : 3,
            toOffset: to == link.to ? link.toOffset : 3))
      }
      chains.append(chain)
    }
  }

  /// Orders each column by where its neighbours stand, and keeps the order with the fewest crossings.
  private mutating func order() {
    arriving = Dictionary(grouping: segments) { nodes[$0.to].layer }
    leaving = Dictionary(grouping: segments) { nodes[$0.from].layer }
    var best = layers
    var fewest = crossings()
    var position = positions()
    for sweep in 0..<Self.sweeps where fewest > 0 {
      let forward = sweep.isMultiple(of: 2)
      for index in forward ? Array(layers.indices) : layers.indices.reversed() {
        var sums: [Int: (sum: Double, count: Double)] = [:]
        for segment in (forward ? arriving : leaving)[index] ?? [] {
          let (node, other) = forward ? (segment.to, segment.from) : (segment.from, segment.to)
          let offset = forward ? segment.fromOffset : segment.toOffset
          sums[node, default: (0, 0)].sum += position[other] + offset / 1000
          sums[node, default: (0, 0)].count += 1
        }
        let keys = layers[index].map { node in
          sums[node].map { $0.sum / $0.count } ?? position[node]
        }
        let sorted = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        layers[index] = sorted.map { layers[index][$0] }
        for (place, node) in layers[index].enumerated() { position[node] = Double(place) }
      }
      let count = crossings()
      if count < fewest { (fewest, best) = (count, layers) }
    }
    layers = best
    for layer in layers {
      var y = 0.0
      for node in layer {
        nodes[node].y = y
        y += nodes[node].height + Self.rowGap
      }
    }
  }

  private func positions() -> [Double] {
    var result = Array(repeating: 0.0, count: nodes.count)
    for layer in layers {
      for (position, node) in layer.enumerated() { result[node] = Double(position) }
    }
    return result
  }

  private func crossings() -> Int {
    let positions = positions()
    var count = 0
    for group in leaving.values where group.count <= Self.mostCompared {
      let ends = group.map {
        (positions[$0.from] + $0.fromOffset / 10000, positions[$0.to] + $0.toOffset / 10000)
      }
      for (index, a) in ends.enumerated() {
        for b in ends[..<index] where (a.0 - b.0) * (a.1 - b.1) < 0 { count += 1 }
      }
    }
    return count
  }

  /// Moves every node towards the height that makes its edges straight.
  private mutating func settle() {
    for index in layers.indices { settle(layer: index) }
    for index in layers.indices.reversed() { settle(layer: index) }
  }

  private mutating func settle(layer: Int) {
    var wanted: [Int: (sum: Double, weight: Double)] = [:]
    func pull(_ node: Int, to y: Double, _ segment: Segment) {
      // Long edges are drawn straight before short ones are.
      let isLong = nodes[segment.from].box == nil && nodes[segment.to].box == nil
      let weight = isLong ? 8.0 : 1.0
      wanted[node, default: (0, 0)].sum += weight * y
      wanted[node, default: (0, 0)].weight += weight
    }
    for segment in arriving[layer] ?? [] {
      let shift = segment.fromOffset - segment.toOffset
      pull(segment.to, to: nodes[segment.from].y + shift, segment)
    }
    for segment in leaving[layer] ?? [] {
      let shift = segment.fromOffset - segment.toOffset
      pull(segment.from, to: nodes[segment.to].y - shift, segment)
    }
    // Isotonic regression: the heights nearest to the wanted ones that keep order and distance.
    var blocks: [(mean: Double, weight: Double, count: Int)] = []
    var offset = 0.0
    var offsets: [Double] = []
    for node in layers[layer] {
      offsets.append(offset)
      let weight = wanted[node]?.weight ?? 0
      let target = wanted[node].map { $0.sum / $0.weight } ?? nodes[node].y
      blocks.append((target - offset, max(weight, 0.1), 1))
      while blocks.count > 1, blocks[blocks.count - 2].mean > blocks[blocks.count - 1].mean {
        let last = blocks.removeLast()
        let former = blocks.removeLast()
        let total = former.weight + last.weight
        let mean = (former.mean * former.weight + last.mean * last.weight) / total
        blocks.append((mean, total, former.count + last.count))
      }
      let gap = nodes[node].box == nil ? Self.rowGap * 0.6 : Self.rowGap
      offset += nodes[node].height + gap
    }
    var position = 0
    for block in blocks {
      for _ in 0..<block.count {
        nodes[layers[layer][position]].y = block.mean + offsets[position]
        position += 1
      }
    }
  }

  private mutating func place(_ boxes: [Box], _ links: [Link]) {
    let top = nodes.map(\.y).min() ?? 0
    var lefts: [Double] = []
    var widths: [Double] = []
    var x = 0.0
    for layer in layers {
      let widest = layer.compactMap { nodes[$0].box.map { boxes[$0].width } }.max() ?? 0
      lefts.append(x)
      widths.append(widest)
      x += widest + Self.columnGap
    }
    width = max(0, x - Self.columnGap)
    height = (nodes.map { $0.y + $0.height }.max() ?? 0) - top
    corners = boxes.indices.map {
      let layer = nodes[$0].layer
      return Point(
        x: lefts[layer] + (widths[layer] - boxes[$0].width) / 2, y: nodes[$0].y - top)
    }
    routes = zip(links, chains).map { link, chain in
      var route = [
        Point(
          x: corners[link.from].x + boxes[link.from].width,
          y: corners[link.from].y + link.fromOffset)
      ]
      for node in chain.dropFirst().dropLast() {
        let left = lefts[nodes[node].layer]
        let y = nodes[node].y - top + 3
        route.append(Point(x: left, y: y))
        route.append(Point(x: left + widths[nodes[node].layer], y: y))
      }
      route.append(Point(x: corners[link.to].x, y: corners[link.to].y + link.toOffset))
      return route
    }
  }
}
