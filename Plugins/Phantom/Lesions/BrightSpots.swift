internal import Glibc
internal import PonsKit

/// Bright places that are no tumours: small round ones in the depth of the brain, as old age brings them.
struct BrightSpots: Sendable {
  private struct Spot: Sendable {
    var centre: SIMD3<Double>
    var radius: Double
    var gain: Float
  }

  private let spots: [Spot]

  /// - Parameter places: where they may be, in mm.
  init(among places: [SIMD3<Double>], _ random: inout SplitMix64) {
    let count = places.isEmpty ? 0 : 2 + random.next(below: 7)
    spots = (0..<count).map { _ in
      Spot(
        centre: places[random.next(below: places.count)], radius: 1.5 + 2.5 * random.nextUnit(),
        gain: Float(0.25 + 0.35 * random.nextUnit()))
    }
  }

  /// What the intensity at a place is multiplied by.
  func factor(at place: SIMD3<Double>) -> Float {
    var factor: Float = 1
    for spot in spots {
      let relative = (place - spot.centre) / spot.radius
      let distance = (relative * relative).sum()
      if distance < 4 { factor += spot.gain * Float(exp(-distance)) }
    }
    return factor
  }
}
