/// Places the boxes of a directed graph without cycles in columns, from left to right, so that edges are short and
/// cross little: longest-path layering, barycentre ordering, and least-squares heights that keep the order.
struct LayeredLayout {
  struct Box {
    var width: Double
    var height: Double
    /// Drawn in the last column, whatever it depends on.
    var isLast = false
  }

  struct Link {
    var from: Int
    var to: Int
    /// Where the edge leaves and arrives, from the top of its boxes.
    var fromOffset: Double
    var toOffset: Double
  }

  struct Point: Hashable {
    var x: Double
    var y: Double
  }

  /// Left upper corner of each box.
  private(set) var corners: [Point] = []
  /// For each link: start, the two ends of every column it passes, end.
  private(set) var routes: [[Point]] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  private static let columnGap = 90.0
  private static let rowGap = 28.0
  private static let sweeps = 12

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
  /// For each link, the nodes that it goes through.
  private var chains: [[Int]] = []

  /// Links must go from lower to higher indices.
  init(boxes: [Box], links: [Link]) {
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
      for passed in (layer[link.from] + 1)..<max(layer[link.to], layer[link.from] + 1) {
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
    var best = layers
    var fewest = crossings()
    for sweep in 0..<Self.sweeps where fewest > 0 {
      let forward = sweep.isMultiple(of: 2)
      let positions = positions()
      var sums = Array(repeating: (sum: 0.0, count: 0.0), count: nodes.count)
      for index in forward ? Array(layers.indices) : layers.indices.reversed() {
        var place = positions
        for (position, node) in layers[index].enumerated() { place[node] = Double(position) }
        for node in layers[index] { sums[node] = (0, 0) }
        for segment in segments {
          let (node, other) = forward ? (segment.to, segment.from) : (segment.from, segment.to)
          if nodes[node].layer != index { continue }
          let offset = forward ? segment.fromOffset : segment.toOffset
          sums[node].sum += current(other) + offset / 1000
          sums[node].count += 1
        }
        let keys = layers[index].enumerated().map { position, node in
          sums[node].count > 0 ? sums[node].sum / sums[node].count : Double(position)
        }
        let sorted = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        layers[index] = sorted.map { layers[index][$0] }
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

  private func current(_ node: Int) -> Double {
    Double(layers[nodes[node].layer].firstIndex(of: node) ?? 0)
  }

  private func crossings() -> Int {
    let positions = positions()
    let byLayer = Dictionary(grouping: segments) { nodes[$0.from].layer }
    var count = 0
    for group in byLayer.values {
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
    var wanted = Array(repeating: (sum: 0.0, weight: 0.0), count: nodes.count)
    for segment in segments {
      // Long edges are drawn straight before short ones are.
      let isLong = nodes[segment.from].box == nil && nodes[segment.to].box == nil
      let weight = isLong ? 8.0 : 1.0
      let shift = segment.fromOffset - segment.toOffset
      if nodes[segment.to].layer == layer {
        wanted[segment.to].sum += weight * (nodes[segment.from].y + shift)
        wanted[segment.to].weight += weight
      }
      if nodes[segment.from].layer == layer {
        wanted[segment.from].sum += weight * (nodes[segment.to].y - shift)
        wanted[segment.from].weight += weight
      }
    }
    // Isotonic regression: the heights nearest to the wanted ones that keep order and distance.
    var blocks: [(mean: Double, weight: Double, count: Int)] = []
    var offset = 0.0
    var offsets: [Double] = []
    for node in layers[layer] {
      offsets.append(offset)
      let weight = wanted[node].weight
      let target = weight > 0 ? wanted[node].sum / weight : nodes[node].y
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
