/// The surface of a mask: its voxels that have a face in common with a voxel that is not in the mask, or with the outside of the grid
/// (what is left of a mask without its erosion by the 6-connected element, as in MedPy).
struct SurfaceVoxels: Sendable {
  /// The surface, in the grid of the mask.
  let bits: BitMask
  /// Around the mask, and so around its surface.
  let box: BitMask.Box
  /// Voxels of the surface.
  let count: Int
  /// For each slice of the box, how many of them come before it.
  let offsets: [Int]

  init(of mask: BitMask, box: BitMask.Box, threads: Int) {
    let surface = BitMask(size: mask.size)
    mask.change(.erosion, .faces, in: box, into: surface, threads: threads)
    var counts = [Int](repeating: 0, count: box.z.count)
    for z in box.z {
      for y in box.y {
        let (inner, all) = (surface.row(y: y, z: z), mask.row(y: y, z: z))
        for word in box.x.lowerBound / 64...(box.x.upperBound - 1) / 64 {
          let bits = all[word] & ~inner[word]
          inner[word] = bits
          counts[z - box.z.lowerBound] += bits.nonzeroBitCount
        }
      }
    }
    var sum = 0
    offsets = counts.map { count in
      defer { sum += count }
      return sum
    }
    bits = surface
    count = sum
    self.box = box
  }

  /// Calls `body` for each voxel of a slice, in raster order.
  @inline(__always)
  func forEach(inSlice z: Int, _ body: (_ x: Int, _ y: Int) -> Void) {
    for y in box.y {
      let row = bits.row(y: y, z: z)
      for word in box.x.lowerBound / 64...(box.x.upperBound - 1) / 64 {
        var rest = row[word]
        while rest != 0 {
          body(word * 64 + rest.trailingZeroBitCount, y)
          rest &= rest &- 1
        }
      }
    }
  }

  /// Distances in mm from every voxel of this surface to the nearest one of another, in raster order.
  ///
  /// Surfaces near each other are searched voxel by voxel; where that would take longer, a distance transform of the box around
  /// both answers all at once. Which of the two it is depends on the surfaces alone.
  func distances(to other: SurfaceVoxels, spacing: SIMD3<Double>, threads: Int) -> [Double] {
    let joint = box.union(other.box)
    let isNear = searchCost(other, spacing) < Double(joint.size.count) * 4
    return [Double](unsafeUninitializedCapacity: count) { output, initialized in
      nonisolated(unsafe) let output = output
      if isNear {
        let search = NearestVoxels(
          mask: other.bits, box: other.box, reach: box, spacing: spacing)
        Parallel.forEach(box.z.count, threads: threads) { index in
          var search = search
          var place = offsets[index]
          let z = box.z.lowerBound + index
          forEach(inSlice: z) { x, y in
            output[place] = search.squaredDistance(x: x, y: y, z: z).squareRoot()
            place += 1
          }
        }
      } else {
        field(to: other, in: joint, spacing, threads: threads, into: output)
      }
      initialized = count
    }
  }

  private func field(
    to other: SurfaceVoxels, in joint: BitMask.Box, _ spacing: SIMD3<Double>, threads: Int,
    into output: UnsafeMutableBufferPointer<Double>
  ) {
    let size = joint.size
    let field = UnsafeMutablePointer<Float>.allocate(capacity: size.count)
    defer { field.deallocate() }
    DistanceField(
      targets: other.bits, complement: false, box: joint, spacing: spacing, borderIsTarget: false,
      threads: threads
    ).compute(into: field, squared: true)
    var place = 0
    for z in box.z {
      forEach(inSlice: z) { x, y in
        let voxel = size.index(
          x: x - joint.x.lowerBound, y: y - joint.y.lowerBound, z: z - joint.z.lowerBound)
        output[place] = Double(field[voxel]).squareRoot()
        place += 1
      }
    }
  }

  /// About how many rows a search for all voxels looks at, from some of them.
  private func searchCost(_ other: SurfaceVoxels, _ spacing: SIMD3<Double>) -> Double {
    let step = max(1, count / 256)
    let rows = Double(other.box.size.y * other.box.size.z)
    var search = NearestVoxels(mask: other.bits, box: other.box, reach: box, spacing: spacing)
    var (number, samples, sum) = (0, 0, 0.0)
    for z in box.z {
      forEach(inSlice: z) { x, y in
        if number % step == 0 {
          let square = search.squaredDistance(x: x, y: y, z: z)
          sum += min(rows, 4 + 4 * square / (spacing.y * spacing.z))
          samples += 1
        }
        number += 1
      }
    }
    return sum / Double(samples) * Double(count)
  }
}
