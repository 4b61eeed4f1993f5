internal import PonsKit

/// Random values that change smoothly over space: values on a coarse lattice, joined by curves without kinks (value noise, Perlin 2002's
/// fade).
struct SmoothNoise: Sendable {
  private let cells: Int
  private let values: [Float]

  /// - Parameter cells: cells of the lattice along each axis of the unit cube.
  init(cells: Int, _ random: inout SplitMix64) {
    self.cells = cells
    let count = (cells + 1) * (cells + 1) * (cells + 1)
    values = (0..<count).map { _ in Float(random.nextUnit() * 2 - 1) }
  }

  /// The value at a place of the unit cube, from -1 to 1; places outside have the value of the nearest face.
  func value(at place: SIMD3<Double>) -> Float {
    let p = place.clamped(lowerBound: .zero, upperBound: .one) * Double(cells)
    let low = p.rounded(.down).clamped(
      lowerBound: .zero, upperBound: SIMD3(repeating: Double(cells - 1)))
    let t = SIMD3<Float>(p - low)
    let f = t * t * t * (t * (t * 6 - 15) + 10)
    let n = cells + 1
    let start = (Int(low.z) * n + Int(low.y)) * n + Int(low.x)
    return values.withUnsafeBufferPointer { v in
      func line(_ at: Int) -> Float { v[at] + f.x * (v[at + 1] - v[at]) }
      func plane(_ at: Int) -> Float {
        let first = line(at)
        return first + f.y * (line(at + n) - first)
      }
      let first = plane(start)
      return first + f.z * (plane(start + n * n) - first)
    }
  }
}
