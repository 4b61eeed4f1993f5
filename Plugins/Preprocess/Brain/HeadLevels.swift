internal import Glibc
internal import PonsImaging

/// What is bright and what is dark in a head, and roughly where its middle is.
struct HeadLevels: Sendable {
  /// 2nd percentile.
  let low: Double
  /// What is darker is background: a tenth of the way from the 2nd to the 98th percentile.
  let background: Double
  /// Median of what is near the middle.
  let median: Double
  /// Centre of gravity of what is brighter than background, mm from the centre of the first voxel.
  let centre: SIMD3<Double>
  /// Radius of a ball as large as that, mm.
  let radius: Double

  /// How much of a head is looked at, from its top, mm: a neck would draw the centre down.
  private static let height = 170.0

  /// Nil when nothing is brighter than anything else.
  init?(_ image: HeadImage) {
    let size = image.grid.size
    guard
      let found = image.voxels.withUnsafeBufferPointer({ Voxels($0).percentiles([2, 98]) }),
      found[1] > found[0], found[1] < .infinity, found[0] > -.infinity
    else { return nil }
    let (low, high) = (found[0], found[1])
    let background = low + 0.1 * (high - low)
    let slices = Self.slices(image, background)
    var sum = SIMD3<Double>.zero
    var weights = 0.0
    var count = 0
    Self.forEach(size, slices) { place, index in
      let value = Double(image.voxels[index])
      if value <= background { return }
      let weight = min(value, high) - low
      sum += weight * place
      weights += weight
      count += 1
    }
    if count == 0 { return nil }
    let centre = sum / weights
    let volume = Double(count) * HeadImage.spacing * HeadImage.spacing * HeadImage.spacing
    let radius = cbrt(3 * volume / (4 * .pi))
    var inside: [Float] = []
    Self.forEach(size, 0..<size.z) { place, index in
      let from = place - centre
      let value = Double(image.voxels[index])
      if (from * from).sum() < radius * radius, value > low, value < high {
        inside.append(image.voxels[index])
      }
    }
    guard
      let median = inside.withUnsafeBufferPointer({ Voxels($0).percentiles([50]) })?.first
    else { return nil }
    self.low = low
    self.background = background
    self.median = median
    self.centre = centre
    self.radius = radius
  }

  /// The slices of the upper part of the head. Its top is the highest slice with 10 cm² that are not background.
  private static func slices(_ image: HeadImage, _ background: Double) -> Range<Int> {
    let size = image.grid.size
    let top = (0..<size.z).last { z in
      let slice = image.voxels[z * size.sliceCount..<(z + 1) * size.sliceCount]
      let count = slice.count { Double($0) > background }
      return Double(count) * HeadImage.spacing * HeadImage.spacing > 1000
    }
    let end = (top ?? size.z - 1) + 1
    return max(0, end - Int(height / HeadImage.spacing))..<end
  }

  private static func forEach(
    _ size: GridSize, _ slices: Range<Int>, _ body: (_ place: SIMD3<Double>, _ index: Int) -> Void
  ) {
    for z in slices {
      for y in 0..<size.y {
        for x in 0..<size.x {
          body(
            SIMD3(Double(x), Double(y), Double(z)) * HeadImage.spacing,
            size.index(x: x, y: y, z: z))
        }
      }
    }
  }
}
