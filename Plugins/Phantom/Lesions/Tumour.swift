internal import Glibc
internal import PonsKit

/// A made-up tumour as FLAIR shows it: an irregular bright body whose oedema falls off smoothly, in some with a dark necrotic core.
struct Tumour: Sendable {
  /// Middle, in mm.
  let centre: SIMD3<Double>
  private let radii: SIMD3<Double>
  private let shape: SmoothNoise
  private let texture: SmoothNoise
  /// Intensity of the body, in units of the brain's mean.
  private let brightness: Float
  /// Radius of the core, as a share of the tumour's; 0: none.
  private let core: Double

  /// - Parameters:
  ///   - diameter: range that it is drawn from, in mm.
  init(centre: SIMD3<Double>, diameter: ClosedRange<Double>, _ random: inout SplitMix64) {
    self.centre = centre
    let mean =
      (diameter.lowerBound + (diameter.upperBound - diameter.lowerBound) * random.nextUnit()) / 2
    radii = SIMD3(
      mean * (0.8 + 0.4 * random.nextUnit()), mean * (0.8 + 0.4 * random.nextUnit()),
      mean * (0.8 + 0.4 * random.nextUnit()))
    shape = SmoothNoise(cells: 6, &random)
    texture = SmoothNoise(cells: 14, &random)
    brightness = Float(1.2 + 0.6 * random.nextUnit())
    core = random.nextUnit() < 0.4 ? 0.3 + 0.25 * random.nextUnit() : 0
  }

  /// Depth at a place: 1 in the middle, 0 at the border, below 0 outside.
  func depth(at place: SIMD3<Double>) -> Double {
    let relative = (place - centre) / radii
    let distance = (relative * relative).sum().squareRoot()
    if distance > 2 { return -1 }
    return 1 - distance - 0.3 * Double(shape.value(at: relative / 4 + 0.5))
  }

  /// Farthest that the border can be from the middle along each axis, in mm.
  var reach: SIMD3<Double> { radii * 1.5 }

  /// The intensity at a place where healthy tissue has `tissue`, and the brain `mean` on average.
  func intensity(_ tissue: Float, mean: Float, depth: Double, at place: SIMD3<Double>) -> Float {
    let unit = (place - centre) / (radii * 4) + 0.5
    let body = mean * brightness * (1 + 0.12 * texture.value(at: unit))
    if core > 0, depth > 1 - core {
      // The core is about as dark as fluid, with a soft border.
      let share = Float(min(1, (depth - (1 - core)) / 0.15))
      return body + share * (0.35 * mean - body)
    }
    // Oedema: full brightness a quarter of the way in, half of it at the border, none a little outside.
    let share = Float(min(1, max(0, 0.5 + depth * 2)))
    return tissue + share * share * (3 - 2 * share) * (max(body, tissue) - tissue)
  }
}
