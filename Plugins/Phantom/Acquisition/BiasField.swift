internal import PonsKit

/// Smooth change of brightness over the image, as a receiving coil makes it.
struct BiasField: Sendable {
  private let noise: SmoothNoise
  private let strength: Float

  /// - Parameter strength: largest relative change.
  init(strength: Double, _ random: inout SplitMix64) {
    noise = SmoothNoise(cells: 2, &random)
    self.strength = Float(strength)
  }

  /// The factor at a place of the unit cube.
  func factor(at place: SIMD3<Double>) -> Float { 1 + strength * noise.value(at: place) }
}

/// Rician noise: the magnitude of a signal with Gaussian noise in both channels of the receiver. Source: Gudbjartsson and Patz, 1995.
struct RicianNoise {
  /// Standard deviation in each channel.
  let deviation: Float

  func apply(_ signal: Float, _ random: inout SplitMix64) -> Float {
    let (real, imaginary) = random.nextGaussians()
    let x = signal + deviation * Float(real)
    let y = deviation * Float(imaginary)
    return (x * x + y * y).squareRoot()
  }
}
