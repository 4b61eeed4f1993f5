internal import Glibc
internal import PonsKit

extension SplitMix64 {
  /// Two independent numbers with mean 0 and deviation 1 (Box and Muller, 1958).
  mutating func nextGaussians() -> (Double, Double) {
    let radius = (-2 * log(1 - nextUnit())).squareRoot()
    let angle = 2 * Double.pi * nextUnit()
    return (radius * cos(angle), radius * sin(angle))
  }
}
