/// Points of a mask's surface on a grid.
struct SurfacePoints: Sendable {
  /// The points.
  let bits: BitMask
  /// Around all of them; there is at least one.
  let box: IndexBox
  /// How many there are.
  let count: Int
  /// For each slice of the box, how many of them come before it.
  let offsets: [Int]

  private init(_ bits: BitMask, box: IndexBox) {
    let counts = box.z.map { z in
      bits.count(in: IndexBox(x: box.x, y: box.y, z: z..<z + 1))
    }
    var sum = 0
    offsets = counts.map { count in
      defer { sum += count }
      return sum
    }
    count = sum
    self.bits = bits
    self.box = box
  }

  /// Voxels that have a face in common with a voxel that is not in the mask, or with the outside of the grid: what is left of the mask
  /// without its erosion by the 6-connected element.
  static func voxels(of mask: BitMask, box: IndexBox, threads: Int) -> SurfacePoints {
    let surface = BitMask(size: mask.size)
    mask.change(.erosion, .faces, in: box, into: surface, threads: threads)
    for z in box.z {
      for y in box.y {
        let (inner, all) = (surface.row(y: y, z: z), mask.row(y: y, z: z))
        for word in 0..<mask.rowWords { inner[word] = all[word] & ~inner[word] }
      }
    }
    return SurfacePoints(surface, box: box)
  }

  /// Corners of voxels at which voxels of the mask and others meet; corner (x, y, z) is the one before voxel (x, y, z), so that there is one
  /// more along each axis than there are voxels. Outside of the grid is no mask.
  static func corners(of mask: BitMask, box: IndexBox, threads: Int) -> SurfacePoints {
    let size = GridSize(x: mask.size.x + 1, y: mask.size.y + 1, z: mask.size.z + 1)
    let surface = BitMask(size: size)
    let outside = BitMask(size: GridSize(x: size.x, y: 1, z: 1))
    func grown(_ range: Range<Int>) -> Range<Int> { range.lowerBound..<range.upperBound + 1 }
    let box = IndexBox(x: grown(box.x), y: grown(box.y), z: grown(box.z))
    Parallel.forEach(box.z.count, threads: threads) { index in
      let z = box.z.lowerBound + index
      for y in box.y {
        func row(_ y: Int, _ z: Int) -> UnsafePointer<UInt64> {
          let isInside = y >= 0 && z >= 0 && y < mask.size.y && z < mask.size.z
          return UnsafePointer(isInside ? mask.row(y: y, z: z) : outside.words)
        }
        let rows = (row(y - 1, z - 1), row(y, z - 1), row(y - 1, z), row(y, z))
        let output = surface.row(y: y, z: z)
        var (anyBefore, allBefore): (UInt64, UInt64) = (0, 0)
        for word in 0..<surface.rowWords {
          var (any, all): (UInt64, UInt64) = (0, 0)
          if word < mask.rowWords {
            any = rows.0[word] | rows.1[word] | rows.2[word] | rows.3[word]
            all = rows.0[word] & rows.1[word] & rows.2[word] & rows.3[word]
          }
          output[word] = (any | any << 1 | anyBefore >> 63) & ~(all & (all << 1 | allBefore >> 63))
          (anyBefore, allBefore) = (any, all)
        }
      }
    }
    return SurfacePoints(surface, box: box)
  }

  /// Calls `body` for each point of a slice, in raster order.
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

  /// Distances in mm from every point to the nearest one of another surface, in raster order.
  ///
  /// Surfaces near each other are searched point by point; where that would take longer, a distance transform of the box around
  /// both answers all at once. Which of the two it is depends on the surfaces alone.
  func distances(to other: SurfacePoints, spacing: SIMD3<Double>, threads: Int) -> [Double] {
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
    to other: SurfacePoints, in joint: IndexBox, _ spacing: SIMD3<Double>, threads: Int,
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

  /// About how many rows a search for all points looks at, from some of them.
  private func searchCost(_ other: SurfacePoints, _ spacing: SIMD3<Double>) -> Double {
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
