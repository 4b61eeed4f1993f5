internal import Glibc
internal import NIfTI
internal import PonsKit

/// Volumes that compress like MR images of a head: 240 x 240 x 155, int16.
enum Volumes {
  static let shape = [155, 240, 240]
  static let bytes = 155 * 240 * 240 * 2

  /// Smooth shading with noise; `isStripped` leaves only an ellipsoid, as after brain extraction.
  static func write(_ path: String, isStripped: Bool) throws {
    var voxels = [Int16](repeating: 0, count: bytes / 2)
    var random = SystemNumbers(state: 7)
    for z in 0..<155 {
      for y in 0..<240 {
        for x in 0..<240 {
          let shading = 400 * sin(Double(x) / 17) * cos(Double(y) / 23) + 300 * sin(Double(z) / 11)
          let value = max(0, shading + 900 + 14 * random.normal())
          let u = (Double(x) - 120) / 70
          let v = (Double(y) - 120) / 85
          let w = (Double(z) - 78) / 60
          let isInside = u * u + v * v + w * w < 1
          let stripped = isInside ? (value / 4).rounded() : 0
          voxels[(z * 240 + y) * 240 + x] = Int16(isStripped ? stripped : value)
        }
      }
    }
    let affine: [Double] = [-1, 0, 0, 90, 0, -1, 0, 126, 0, 0, 1, -72, 0, 0, 0, 1]
    let writer = try ImageWriter(type: .int16, shape: shape, affine: affine)
    try voxels.withUnsafeBytes { try writer.write($0, to: path, format: .niiGz, level: 6) }
  }
}

/// The same numbers on every machine.
private struct SystemNumbers {
  var state: UInt64

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }

  /// A sum of twelve is close enough to a normal distribution here.
  mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }
}
