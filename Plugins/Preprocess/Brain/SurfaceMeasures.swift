internal import PonsImaging

/// What tells a brain's surface from another.
struct SurfaceMeasures: Sendable {
  /// Of what is brighter than background, the share that is outside of the surface.
  var outsideShare: Double
  /// Median difference of values 8 mm apart inside, as a share of their median.
  var texture: Double

  init(_ surface: BrainSurface, _ head: HeadImage) {
    let size = head.grid.size
    var mask = [UInt8](repeating: 0, count: size.count)
    mask.withUnsafeMutableBufferPointer { surface.fill($0, on: head.grid, of: head) }
    var (all, outside) = (0, 0)
    var differences: [Float] = []
    var values: [Float] = []
    let distance = Int(8 / HeadImage.spacing)
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let index = size.index(x: x, y: y, z: z)
          let value = head.voxels[index]
          if Double(value) > surface.levels.background {
            all += 1
            outside += mask[index] == 0 ? 1 : 0
          }
          if mask[index] == 0 { continue }
          values.append(value)
          for step in [(x, 1), (y, size.x), (z, size.sliceCount)] where step.0 >= distance {
            let other = index - distance * step.1
            if mask[other] != 0 { differences.append(abs(value - head.voxels[other])) }
          }
        }
      }
    }
    func median(_ values: [Float]) -> Double {
      values.withUnsafeBufferPointer { Voxels($0).percentiles([50])?.first } ?? 0
    }
    outsideShare = all == 0 ? 0 : Double(outside) / Double(all)
    let middle = median(values)
    texture = middle > 0 ? median(differences) / middle : 0
  }
}
