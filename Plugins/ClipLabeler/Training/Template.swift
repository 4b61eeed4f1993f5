internal import Glibc
internal import NIfTI
internal import PonsImaging
internal import PonsKit

/// A brain without skull that slices are taken from: Colin27 (Holmes et al., 1998) as Debian's mricron-data has it.
struct Template {
  private let voxels: [UInt8]
  private let size: GridSize
  private let flipsRows: Bool
  /// Slices that show enough of the brain.
  private let slices: [Int]

  init(_ path: String) throws {
    let image = try ImageFile(ImageFiles(header: path))
    let shape = try image.shape(.only)
    guard try image.elementType == .uint8, shape.count == 3,
      let affine = Affine(rowMajor: try image.header.geometry().affine)
    else { throw TrainingError("\(path): expected [z, y, x] of uint8") }
    var voxels = [UInt8](repeating: 0, count: shape.reduce(1, *))
    try voxels.withUnsafeMutableBytes { try image.readVoxels(.only, into: $0) }
    self.voxels = voxels
    let size = GridSize(x: shape[2], y: shape[1], z: shape[0])
    self.size = size
    flipsRows = Orientation(nearestTo: affine).directions[1].isPositive
    let area = size.x * size.y
    slices = (0..<size.z).filter { z in voxels[z * area..<(z + 1) * area].count { $0 > 0 } > 2500 }
  }

  /// A slice of `edge` x `edge` pixels, turned, scaled, bent and tilted; 0 outside, up to 1 inside.
  func slice(_ edge: Int, _ numbers: inout SeededNumbers) -> [Float] {
    let z0 = Float(slices.randomElement(using: &numbers) ?? 0)
    let angle = numbers.normal(0.12)
    let (width, height) = (numbers.within(1.85...3.1), numbers.within(0.9...1.1))
    let flip: Float = numbers.chance(0.5) ? -1 : 1
    let tilt = (numbers.normal(0.06), numbers.normal(0.06))
    let shift = (numbers.normal(4), numbers.normal(4))
    let waves = (0..<6).map { _ in
      (
        numbers.normal(1.6), numbers.within(0.02...0.07), numbers.within(0.02...0.07),
        numbers.within(0...6.28)
      )
    }
    var result = [Float](repeating: 0, count: edge * edge)
    for row in 0..<edge {
      for column in 0..<edge {
        let u = (Float(column) - Float(edge - 1) / 2) * width * flip
        let v = (Float(row) - Float(edge - 1) / 2) * width * height
        var x = u * cos(angle) - v * sin(angle) + shift.0
        var y = u * sin(angle) + v * cos(angle) + shift.1
        for (index, wave) in waves.enumerated() {
          let bend = wave.0 * sin(wave.1 * u + wave.2 * v + wave.3)
          if index % 2 == 0 { x += bend } else { y += bend }
        }
        let z = z0 + tilt.0 * u + tilt.1 * v
        result[row * edge + column] = value(
          Float(size.x - 1) / 2 + x, Float(size.y - 1) / 2 + (flipsRows ? -y : y), z)
      }
    }
    return result
  }

  /// Between four voxels of the nearest slice.
  private func value(_ x: Float, _ y: Float, _ z: Float) -> Float {
    let slice = Int(z.rounded())
    let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    guard (0..<size.z).contains(slice), (0..<size.x - 1).contains(left),
      (0..<size.y - 1).contains(top)
    else { return 0 }
    let (fx, fy) = (x - Float(left), y - Float(top))
    let index = size.index(x: left, y: top, z: slice)
    func at(_ step: Int) -> Float { Float(voxels[index + step]) }
    let upper = at(0) * (1 - fx) + at(1) * fx
    let lower = at(size.x) * (1 - fx) + at(size.x + 1) * fx
    return (upper * (1 - fy) + lower * fy) / 160
  }
}

/// Why training cannot begin.
struct TrainingError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
