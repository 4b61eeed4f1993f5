internal import Glibc
internal import PonsKit

/// How a head differs from the template: turned, scaled, shifted, perhaps mirrored, and bent smoothly.
struct Deformation: Sendable {
  private let rows: [SIMD3<Double>]
  private let shift: SIMD3<Double>
  private let bend: [SmoothNoise]
  private let centre: SIMD3<Double>
  private let extent: SIMD3<Double>
  /// Farthest that bending moves a place, along each axis, in mm.
  private static let reach = 5.0

  /// - Parameters:
  ///   - centre: what stays in place, in mm.
  ///   - extent: of the head, in mm.
  init(centre: SIMD3<Double>, extent: SIMD3<Double>, _ random: inout SplitMix64) {
    self.centre = centre
    self.extent = extent
    func between(_ low: Double, _ high: Double) -> Double {
      low + (high - low) * random.nextUnit()
    }
    let angles = (0..<3).map { _ in between(-8, 8) * .pi / 180 }
    let scales = (0..<3).map { _ in between(0.92, 1.08) }
    let mirror = random.nextUnit() < 0.5 ? -1.0 : 1.0
    let (a, b, c) = (angles[0], angles[1], angles[2])
    let x = SIMD3(cos(b) * cos(c), -cos(b) * sin(c), sin(b))
    let y = SIMD3(
      cos(a) * sin(c) + sin(a) * sin(b) * cos(c), cos(a) * cos(c) - sin(a) * sin(b) * sin(c),
      -sin(a) * cos(b))
    let z = SIMD3(
      sin(a) * sin(c) - cos(a) * sin(b) * cos(c), sin(a) * cos(c) + cos(a) * sin(b) * sin(c),
      cos(a) * cos(b))
    rows = [x * (scales[0] * mirror), y * scales[1], z * scales[2]]
    shift = SIMD3(between(-4, 4), between(-4, 4), between(-4, 4))
    bend = (0..<3).map { _ in SmoothNoise(cells: 5, &random) }
  }

  /// Where in the template a place of the head comes from, both in mm.
  func callAsFunction(_ place: SIMD3<Double>) -> SIMD3<Double> {
    let relative = place - centre - shift
    let unit = relative / extent + 0.5
    let bent =
      relative
      + Self.reach
      * SIMD3<Double>(
        Double(bend[0].value(at: unit)), Double(bend[1].value(at: unit)),
        Double(bend[2].value(at: unit)))
    return centre
      + SIMD3((rows[0] * bent).sum(), (rows[1] * bent).sum(), (rows[2] * bent).sum())
  }
}
