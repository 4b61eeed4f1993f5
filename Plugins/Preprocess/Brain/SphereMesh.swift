/// A closed surface of triangles, made from an icosahedron whose faces are divided in four again and again.
struct SphereMesh: Sendable {
  /// Points on the unit sphere.
  private(set) var points: [SIMD3<Double>]
  /// Three points each, counter-clockwise from outside.
  private(set) var triangles: [SIMD3<Int>]
  /// Six places for the neighbours of each point; twelve points have five, and -1 in the last place.
  let neighbours: [Int]

  /// - Parameter divisions: 4 gives 2562 points.
  init(divisions: Int) {
    let (a, b) = (0.525_731_112_119_133_6, 0.850_650_808_352_039_9)
    points = [
      [-a, b, 0], [a, b, 0], [-a, -b, 0], [a, -b, 0], [0, -a, b], [0, a, b], [0, -a, -b],
      [0, a, -b], [b, 0, -a], [b, 0, a], [-b, 0, -a], [-b, 0, a],
    ]
    triangles = [
      [0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4],
      [11, 10, 2], [10, 7, 6], [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9],
      [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1],
    ]
    for _ in 0..<divisions {
      var middles: [SIMD2<Int>: Int] = [:]
      var finer: [SIMD3<Int>] = []
      for triangle in triangles {
        let (a, b, c) = (triangle.x, triangle.y, triangle.z)
        let ab = Self.middle(a, b, &points, &middles)
        let bc = Self.middle(b, c, &points, &middles)
        let ca = Self.middle(c, a, &points, &middles)
        finer += [[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]]
      }
      triangles = finer
    }
    var neighbours = [Int](repeating: -1, count: 6 * points.count)
    var counts = [Int](repeating: 0, count: points.count)
    for triangle in triangles {
      // Each edge is in two triangles, in opposite directions.
      for corner in 0..<3 {
        let point = triangle[corner]
        neighbours[6 * point + counts[point]] = triangle[(corner + 1) % 3]
        counts[point] += 1
      }
    }
    self.neighbours = neighbours
  }

  private static func middle(
    _ a: Int, _ b: Int, _ points: inout [SIMD3<Double>], _ middles: inout [SIMD2<Int>: Int]
  ) -> Int {
    let edge = SIMD2(min(a, b), max(a, b))
    if let known = middles[edge] { return known }
    let sum = points[a] + points[b]
    points.append(sum / (sum * sum).sum().squareRoot())
    middles[edge] = points.count - 1
    return points.count - 1
  }
}
