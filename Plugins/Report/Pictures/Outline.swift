/// The outline of a mask in a picture, as the path of an SVG.
package struct Outline: Sendable {
  /// Path data in half pixels: a pixel (x, y) spans 2x...2x+2, 2y...2y+2. Empty for an empty mask.
  ///
  /// The path runs through the middles of the pixels' edges, so that corners are cut. Each loop has the mask on its right.
  package let path: String

  // Directions: right, down, left, up.
  private static let steps = [(1, 0), (0, 1), (-1, 0), (0, -1)]

  /// - Parameters:
  ///   - mask: row by row from the top; every value but 0 is inside.
  ///   - width: pixels of a row.
  package init(_ mask: [UInt8], width: Int) {
    let height = width > 0 ? mask.count / width : 0
    func isInside(_ x: Int, _ y: Int) -> Bool {
      (0..<width).contains(x) && (0..<height).contains(y) && mask[y * width + x] != 0
    }
    // For every corner of the pixels: the directions of the edges that leave it, a bit each.
    let columns = width + 1
    var leaving = [UInt8](repeating: 0, count: columns * (height + 1))
    for y in 0..<height {
      for x in 0..<width where mask[y * width + x] != 0 {
        if !isInside(x, y - 1) { leaving[y * columns + x] |= 1 }
        if !isInside(x + 1, y) { leaving[y * columns + x + 1] |= 2 }
        if !isInside(x, y + 1) { leaving[(y + 1) * columns + x + 1] |= 4 }
        if !isInside(x - 1, y) { leaving[(y + 1) * columns + x] |= 8 }
      }
    }
    var text = ""
    for start in leaving.indices where leaving[start] != 0 {
      while let first = (0..<4).first(where: { leaving[start] & 1 << UInt8($0) != 0 }) {
        text += Self.loop(from: start, first, columns: columns, &leaving)
      }
    }
    path = text
  }

  /// Follows edges until the loop is closed, and takes them away.
  private static func loop(
    from start: Int, _ first: Int, columns: Int, _ leaving: inout [UInt8]
  ) -> String {
    var (corner, direction) = (start, first)
    var middles: [(x: Int, y: Int)] = []
    repeat {
      leaving[corner] &= ~(1 << UInt8(direction))
      let step = steps[direction]
      middles.append((corner % columns * 2 + step.0, corner / columns * 2 + step.1))
      corner += step.0 + step.1 * columns
      // Where two pixels touch with their corners, a right turn keeps them apart.
      let turns = [(direction + 1) % 4, direction, (direction + 3) % 4]
      guard let next = turns.first(where: { leaving[corner] & 1 << UInt8($0) != 0 }) else { break }
      direction = next
    } while corner != start || direction != first
    return text(of: middles)
  }

  /// A closed loop of points, without those on straight lines.
  private static func text(of loop: [(x: Int, y: Int)]) -> String {
    let count = loop.count
    let corners = loop.indices.filter { index in
      let (before, here, after) = (
        loop[(index + count - 1) % count], loop[index], loop[(index + 1) % count]
      )
      return (here.x - before.x) * (after.y - here.y) != (here.y - before.y) * (after.x - here.x)
    }
    guard var last = corners.first.map({ loop[$0] }) else { return "" }
    var text = "M\(last.x) \(last.y)"
    for corner in corners.dropFirst() {
      let point = loop[corner]
      text += "l\(point.x - last.x) \(point.y - last.y)"
      last = point
    }
    return text + "z"
  }
}
