internal import Glibc
internal import PonsKit

/// The vessels of a lung: tubes that part in two again and again on their way from the hilum to the wall.
struct Vessels {
  /// A straight piece with round ends, in mm.
  struct Tube {
    var from: SIMD3<Double>
    var to: SIMD3<Double>
    var radius: Double

    /// Distance of a place from the tube's surface in mm, below 0 inside.
    func distance(to place: SIMD3<Double>) -> Double {
      let along = to - from
      let length = max(1e-9, (along * along).sum())
      let t = min(1, max(0, ((place - from) * along).sum() / length))
      let off = place - (from + along * t)
      return (off * off).sum().squareRoot() - radius
    }
  }

  private(set) var tubes: [Tube] = []

  /// - Parameters:
  ///   - hilum: where they enter, in mm.
  ///   - centre: of the lung, in mm.
  init(from hilum: SIMD3<Double>, towards centre: SIMD3<Double>, _ random: inout SplitMix64) {
    for _ in 0..<5 {
      let away = Self.unit((centre - hilum) / 60 + Self.direction(&random) * 0.9)
      grow(hilum, away, radius: 3.5 + random.nextUnit(), length: 24, &random)
    }
  }

  private mutating func grow(
    _ from: SIMD3<Double>, _ way: SIMD3<Double>, radius: Double, length: Double,
    _ random: inout SplitMix64
  ) {
    let to = from + way * length * (0.7 + 0.6 * random.nextUnit())
    tubes.append(Tube(from: from, to: to, radius: radius))
    if radius < 1 { return }
    for _ in 0..<2 {
      let turned = Self.unit(way + Self.direction(&random) * 0.7)
      grow(to, turned, radius: radius * 0.72, length: length * 0.85, &random)
    }
  }

  private static func unit(_ v: SIMD3<Double>) -> SIMD3<Double> {
    v / max(1e-9, (v * v).sum().squareRoot())
  }

  private static func direction(_ random: inout SplitMix64) -> SIMD3<Double> {
    let (x, y) = random.nextGaussians()
    return unit(SIMD3(x, y, random.nextGaussians().0))
  }
}
