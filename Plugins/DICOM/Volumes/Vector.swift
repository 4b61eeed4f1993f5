/// Three numbers: a place or a direction in mm, LPS as DICOM has it (x to the left, y to the back, z to the head).
package struct Vector: Sendable, Equatable {
  var x: Double
  var y: Double
  var z: Double

  package init(_ x: Double, _ y: Double, _ z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }

  package static func + (a: Self, b: Self) -> Self { Self(a.x + b.x, a.y + b.y, a.z + b.z) }
  package static func - (a: Self, b: Self) -> Self { Self(a.x - b.x, a.y - b.y, a.z - b.z) }
  package static func * (a: Self, factor: Double) -> Self {
    Self(a.x * factor, a.y * factor, a.z * factor)
  }
  func dot(_ other: Self) -> Double { x * other.x + y * other.y + z * other.z }
  func cross(_ o: Self) -> Self { Self(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x) }
  var length: Double { dot(self).squareRoot() }
}
