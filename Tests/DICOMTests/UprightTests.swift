import DICOM
import PonsKit
import Testing

/// Taking out the shear of a gantry tilt.
@Suite struct UprightTests {
  /// Slices of 5 x 6 pixels of 0.5 x 0.5 mm, 2 mm apart.
  private func geometry(shift: (x: Double, y: Double)) -> StackGeometry {
    StackGeometry(
      first: Vector(1, 2, 3), step: Vector(0.5 * shift.x, 0.5 * shift.y, 2),
      orientation: [1, 0, 0, 0, 1, 0], pixel: [0.5, 0.5])
  }

  private func upright(
    _ voxels: [Int16], shift: (x: Double, y: Double), shape: [Int] = [3, 5, 6], threads: Int = 1
  ) throws -> (upright: Upright, voxels: [Int16]) {
    let upright = Upright(geometry(shift: shift), shape: shape)
    var result = [Int16](repeating: 99, count: upright.shape.reduce(1, *))
    try voxels.withUnsafeBytes { source in
      try result.withUnsafeMutableBytes {
        try upright.resample(source, .int16, into: $0, threads: threads)
      }
    }
    return (upright, result)
  }

  /// A plane in space, sampled on the sheared grid, must be the same plane on the upright one.
  @Test(arguments: [(0.7, 0.0), (0, -1.3), (-0.25, 0.5), (2, 2)], [1, 3])
  func `a linear ramp stays where it is`(shift: (Double, Double), threads: Int) throws {
    func ramp(_ affine: [Double], _ x: Int, _ y: Int, _ z: Int) -> Double {
      let place = (0..<3).map { row in
        affine[4 * row] * Double(x) + affine[4 * row + 1] * Double(y)
          + affine[4 * row + 2] * Double(z) + affine[4 * row + 3]
      }
      return 1000 + 40 * place[0] - 24 * place[1] + 50 * place[2]
    }
    let source = geometry(shift: shift)
    var voxels: [Int16] = []
    for z in 0..<3 {
      for y in 0..<5 {
        for x in 0..<6 { voxels.append(Int16(ramp(source.affine, x, y, z).rounded())) }
      }
    }
    let (upright, result) = try upright(voxels, shift: shift, threads: threads)
    let air = try #require(voxels.min())
    var inside = 0
    for z in 0..<3 {
      for y in 0..<upright.shape[1] {
        for x in 0..<upright.shape[2] {
          let value = result[(z * upright.shape[1] + y) * upright.shape[2] + x]
          if value == air { continue }
          inside += 1
          // Both the samples and the result are rounded to whole numbers.
          #expect(abs(Double(value) - ramp(upright.affine, x, y, z)) <= 1)
        }
      }
    }
    #expect(inside > 40)
  }

  @Test func `its slices stand above each other`() {
    let upright = Upright(geometry(shift: (0.7, -0.4)), shape: [3, 5, 6])
    #expect(upright.shape == [3, 6, 8])
    // RAS: the first row moves up by one pixel, the first column stays.
    #expect(upright.affine == [-0.5, 0, 0, -1, 0, -0.5, 0, -1.5, 0, 0, 2, 3, 0, 0, 0, 1])
  }

  @Test func `without tilt nothing changes`() throws {
    let voxels = (0..<90).map { Int16($0 * 7) }
    let (upright, result) = try upright(voxels, shift: (0, 0))
    #expect(upright.shape == [3, 5, 6] && result == voxels)
    #expect(upright.affine == geometry(shift: (0, 0)).affine)
  }

  @Test func `whole pixels are shifted exactly, and air comes in`() throws {
    let voxels = (0..<12).map { Int16($0 + 5) }
    let (upright, result) = try upright(voxels, shift: (1, 0), shape: [2, 2, 3])
    #expect(upright.shape == [2, 2, 4])
    #expect(result == [5, 6, 7, 5, 8, 9, 10, 5, 5, 11, 12, 13, 5, 14, 15, 16])
  }
}
