import Report
import Testing

@Suite struct OutlineTests {
  /// Lines of `#` and `.` as a mask.
  private func outline(_ picture: String) -> Outline {
    let lines = picture.split(separator: "\n")
    return Outline(
      lines.flatMap { $0.map { $0 == "#" ? 1 : 0 as UInt8 } }, width: lines.first?.count ?? 0)
  }

  @Test func `a pixel is a diamond through the middles of its edges`() {
    #expect(outline("#").path == "M1 0l1 1l-1 1l-1 -1z")
    #expect(outline("...\n.#.\n...").path == "M3 2l1 1l-1 1l-1 -1z")
  }

  @Test func `straight edges are one line, and corners are cut`() {
    #expect(outline("##\n##").path == "M1 0l2 0l1 1l0 2l-1 1l-2 0l-1 -1l0 -2z")
  }

  @Test func `a hole has a loop of its own, the other way round`() {
    let path = outline("###\n#.#\n###").path
    #expect(path.split(separator: "z").count == 2)
    #expect(Self.area(path) == Double(8 * 4) - 4 * 0.5 + 4 * 0.5)
  }

  @Test func `pixels that touch with a corner are kept apart`() {
    #expect(outline("#.\n.#").path.split(separator: "z").count == 2)
    #expect(outline(".#\n#.").path.split(separator: "z").count == 2)
  }

  @Test func `nothing has no outline`() {
    #expect(outline("..\n..").path.isEmpty)
    #expect(Outline([], width: 0).path.isEmpty)
  }

  @Test func `the area inside is that of the pixels, less half of what each corner cuts`() {
    var state: UInt64 = 5
    for _ in 0..<60 {
      let mask = (0..<9 * 7).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 60 > 8 ? 1 : 0
      }
      let path = Outline(mask, width: 9).path
      // Each corner takes or gives a triangle of 1 x 1 half pixels, by its turn: the sum of the turns of a loop is one circle.
      let (right, left) = Self.corners(mask, width: 9)
      #expect(
        Self.area(path)
          == Double(mask.count { $0 != 0 } * 4) - 0.5 * Double(right) + 0.5 * Double(left))
    }
  }

  /// Corners of the pixels' outline that turn right and left.
  private static func corners(_ mask: [UInt8], width: Int) -> (right: Int, left: Int) {
    let height = mask.count / width
    func inside(_ x: Int, _ y: Int) -> Int {
      (0..<width).contains(x) && (0..<height).contains(y) && mask[y * width + x] != 0 ? 1 : 0
    }
    var counts = (right: 0, left: 0)
    for y in 0...height {
      for x in 0...width {
        let around = [inside(x - 1, y - 1), inside(x, y - 1), inside(x - 1, y), inside(x, y)]
        switch around.reduce(0, +) {
        case 1: counts.right += 1
        case 3: counts.left += 1
        case 2 where around[0] == around[3]: counts.right += 2
        default: break
        }
      }
    }
    return counts
  }

  /// Area of a path of `M x y l dx dy ... z` with its inside on the right (y goes down), by the shoelace formula.
  private static func area(_ path: String) -> Double {
    var sum = 0
    for loop in path.split(separator: "z") {
      let parts = loop.dropFirst().split(separator: "l").map {
        $0.split(separator: " ").compactMap { Int($0) }
      }
      var (x, y) = (parts[0][0], parts[0][1])
      let start = (x, y)
      for step in parts.dropFirst() {
        sum += x * (y + step[1]) - (x + step[0]) * y
        (x, y) = (x + step[0], y + step[1])
      }
      sum += x * start.1 - start.0 * y
    }
    return Double(sum) / 2
  }
}
