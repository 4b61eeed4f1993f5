import PonsKit
import PonsManifest
import Testing

@Suite struct LayeredLayoutTests {
  private func random(_ seed: UInt64, boxes count: Int) -> (
    [LayeredLayout.Box], [LayeredLayout.Link]
  ) {
    var random = RandomSource(seed: seed)
    let boxes = (0..<count).map { _ in
      LayeredLayout.Box(
        width: Double(50 + random.below(200)), height: Double(30 + random.below(90)))
    }
    var links: [LayeredLayout.Link] = []
    for to in 1..<count {
      for _ in 0..<random.below(4) {
        links.append(
          LayeredLayout.Link(
            from: random.below(to), to: to, fromOffset: Double(random.below(30)),
            toOffset: Double(random.below(30))))
      }
    }
    return (boxes, links)
  }

  @Test(arguments: 0..<40)
  func `boxes never overlap, and edges run from left to right`(_ seed: Int) {
    let (boxes, links) = random(UInt64(seed), boxes: 2 + seed)
    let layout = LayeredLayout(boxes: boxes, links: links)
    for (i, a) in layout.corners.enumerated() {
      #expect(a.x >= -0.01 && a.y >= -0.01)
      #expect(a.x + boxes[i].width <= layout.width + 0.01)
      #expect(a.y + boxes[i].height <= layout.height + 0.01)
      for (j, b) in layout.corners.enumerated() where j > i {
        let apart =
          a.x + boxes[i].width < b.x || b.x + boxes[j].width < a.x
          || a.y + boxes[i].height < b.y || b.y + boxes[j].height < a.y
        #expect(apart, "\(i) and \(j)")
      }
    }
    for (link, route) in zip(links, layout.routes) {
      let start = layout.corners[link.from]
      let end = layout.corners[link.to]
      #expect(route.first?.x == start.x + boxes[link.from].width)
      #expect(route.first?.y == start.y + link.fromOffset)
      #expect(route.last?.x == end.x)
      #expect(route.last?.y == end.y + link.toOffset)
      for (a, b) in zip(route, route.dropFirst()) { #expect(a.x <= b.x) }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a thicket of 2,000 boxes comes to an end`() {
    let (boxes, links) = random(1, boxes: 2000)
    #expect(LayeredLayout(boxes: boxes, links: links).corners.count == 2000)
  }

  @Test func `a chain is a straight line`() {
    let boxes = Array(repeating: LayeredLayout.Box(width: 100, height: 50), count: 5)
    let links = (0..<4).map {
      LayeredLayout.Link(from: $0, to: $0 + 1, fromOffset: 25, toOffset: 25)
    }
    let layout = LayeredLayout(boxes: boxes, links: links)
    #expect(Set(layout.corners.map { ($0.y * 1000).rounded() }).count == 1)
    #expect(layout.corners.map(\.x) == [0, 170, 340, 510, 680])
  }
}
