internal import Glibc

/// The angle of a right triangle, in degrees.
func atan2Degrees(_ opposite: Double, _ adjacent: Double) -> Double {
  atan2(opposite, adjacent) * 180 / Double.pi
}
