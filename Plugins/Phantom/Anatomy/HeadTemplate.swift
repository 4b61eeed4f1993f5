internal import Glibc
internal import NIfTI
internal import PonsKit

/// A skull-stripped T1 head, from which phantoms are made: one voxel type, axes along those of the patient.
package struct HeadTemplate: Sendable {
  /// Extent in x, y, z.
  package let size: SIMD3<Int>
  /// Steps in mm from one voxel to the next along x, y and z; negative when the axis runs the other way.
  package let spacing: SIMD3<Double>
  /// Where voxel (0, 0, 0) is, in mm, RAS+.
  package let origin: SIMD3<Double>
  /// FLAIR-like intensities, 0 (background) to 1, `[z, y, x]`.
  package let voxels: [Float]

  package init(
    size: SIMD3<Int>, spacing: SIMD3<Double>, origin: SIMD3<Double>, voxels: [Float]
  ) {
    self.size = size
    self.spacing = spacing
    self.origin = origin
    self.voxels = voxels
  }

  /// The middle of the template in mm.
  package var centre: SIMD3<Double> {
    origin + spacing * SIMD3(Double(size.x - 1), Double(size.y - 1), Double(size.z - 1)) / 2
  }

  /// Reads a NIfTI image of a head without skull.
  ///
  /// - Throws: `StageFailure` of category `badParameter` when there is none, or its axes are oblique.
  package init(path: String) throws {
    let found: FoundImages
    do {
      found = try FileFinder.find(path)
    } catch let failure as StageFailure {
      throw StageFailure(
        .badParameter, code: "NO_TEMPLATE", "the template cannot be read: \(failure.message)",
        hint: "it comes with Debian: apt-get install mricron-data", parameter: "template")
    }
    guard let file = found.images.first?.files else {
      throw StageFailure(
        .badParameter, code: "NO_TEMPLATE", "there is no NIfTI image at the template's path",
        hint: "it comes with Debian: apt-get install mricron-data", parameter: "template")
    }
    let image = try ImageFile(file)
    let affine = try image.header.geometry().affine
    let shape = try image.shape(.only)
    let isStraight = [1, 2, 4, 6, 8, 9].allSatisfy { abs(affine[$0]) < 1e-6 }
    guard shape.count == 3, isStraight, try image.elementType == .uint8 else {
      throw StageFailure(
        .badParameter, code: "BAD_TEMPLATE",
        "the template must be a volume of uint8 whose axes are those of the patient",
        parameter: "template")
    }
    var bytes = [UInt8](repeating: 0, count: shape.reduce(1, *))
    try bytes.withUnsafeMutableBytes { try image.readVoxels(.only, into: $0) { _ in } }
    let table = Self.contrast(of: bytes)
    self.init(
      size: SIMD3(shape[2], shape[1], shape[0]), spacing: SIMD3(affine[0], affine[5], affine[10]),
      origin: SIMD3(affine[3], affine[7], affine[11]), voxels: bytes.map { table[Int($0)] })
  }

  /// FLAIR-like intensities of the intensities of a T1 image: fluid dark, grey matter brightest, white matter a little
  /// darker. Knots are at percentiles of the brain: 1 (fluid), 10, 25, 50 (grey matter), 75, 95 (white matter).
  private static func contrast(of bytes: [UInt8]) -> [Float] {
    var histogram = [Int](repeating: 0, count: 256)
    for byte in bytes { histogram[Int(byte)] += 1 }
    histogram[0] = 0
    let total = histogram.reduce(0, +)
    func percentile(_ share: Double) -> Double {
      var sum = 0
      for (value, count) in histogram.enumerated() {
        sum += count
        if Double(sum) >= share * Double(total) { return Double(value) }
      }
      return 255
    }
    let knots: [(Double, Double)] = [
      (0, 0.05), (percentile(0.01), 0.1), (percentile(0.10), 0.6), (percentile(0.25), 0.88),
      (percentile(0.50), 0.92), (percentile(0.75), 0.76), (percentile(0.95), 0.68), (256, 0.6),
    ]
    return (0..<256).map { value in
      if value == 0 { return 0 }
      let above = knots.firstIndex { $0.0 > Double(value) } ?? knots.count - 1
      let (x0, y0) = knots[max(0, above - 1)]
      let (x1, y1) = knots[above]
      let share = x1 > x0 ? (Double(value) - x0) / (x1 - x0) : 0
      return Float(y0 + share * (y1 - y0))
    }
  }

  /// The intensity at a place in mm, trilinear; 0 outside.
  @inline(__always)
  func value(at place: SIMD3<Double>) -> Float {
    let index = (place - origin) / spacing
    let low = index.rounded(.down)
    let part = SIMD3<Float>(index - low)
    let x = Int(low.x)
    let y = Int(low.y)
    let z = Int(low.z)
    if x < 0 || y < 0 || z < 0 || x + 1 >= size.x || y + 1 >= size.y || z + 1 >= size.z { return 0 }
    let row = size.x
    let slice = size.x * size.y
    let start = z * slice + y * row + x
    return voxels.withUnsafeBufferPointer { v in
      func line(_ at: Int) -> Float { v[at] + part.x * (v[at + 1] - v[at]) }
      func plane(_ at: Int) -> Float {
        let first = line(at)
        return first + part.y * (line(at + row) - first)
      }
      let first = plane(start)
      return first + part.z * (plane(start + slice) - first)
    }
  }
}
