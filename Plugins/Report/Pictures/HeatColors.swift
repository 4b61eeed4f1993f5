/// How strength is shown over an image: from clear to opaque, and along viridis, which grows evenly in brightness and is told apart
/// by colour-blind people (van der Walt and Smith 2015, CC0).
enum HeatColors {
  /// Few levels make small files, and nobody sees more of them.
  static let levels = 64

  private static let viridis: [(Double, Double, Double)] = [
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141), (39, 173, 129),
    (92, 200, 99), (170, 220, 50), (253, 231, 37),
  ]

  static let palette: [Color] = (0..<levels).map { level in
    let value = Double(level) / Double(levels - 1)
    var color = color(value)
    // What is weak stays clear: a haze over everything would say nothing.
    color.alpha = UInt8((min(0.8, value * (0.45 + 0.65 * value)) * 255).rounded())
    return color
  }

  /// The colour of a value from 0 to 1, opaque.
  static func color(_ value: Double) -> Color {
    let place = value * Double(viridis.count - 1)
    let index = min(Int(place), viridis.count - 2)
    let part = place - Double(index)
    let (low, high) = (viridis[index], viridis[index + 1])
    func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + (b - a) * part).rounded()) }
    return Color(
      red: mix(low.0, high.0), green: mix(low.1, high.1), blue: mix(low.2, high.2), alpha: 255)
  }

  /// The level of a strength; what is no number is none.
  static func level(_ value: Float) -> UInt8 {
    value > 0 ? UInt8((min(1, value) * Float(levels - 1)).rounded()) : 0
  }
}
