/// The elements of a mask's surface, at corners of voxels, with their areas.
struct SurfaceElements: Sendable {
  let points: SurfacePoints
  let mask: BitMask
  /// For each code of eight voxels around a corner, the area in mm^2.
  let areas: [Double]

  /// Area of all elements, and of those that are no further than a tolerance from points of another surface, in mm^2.
  func area(
    within tolerance: Double, of other: SurfacePoints, spacing: SIMD3<Double>, threads: Int
  ) -> (near: Double, all: Double) {
    let search = NearestVoxels(
      mask: other.bits, box: other.box, reach: points.box, spacing: spacing)
    // Just beyond the tolerance: what lies at it must be found.
    let limit = (tolerance * tolerance).nextUp * (1 + 1e-9)
    var slices = [(near: Double, all: Double)](repeating: (0, 0), count: points.box.z.count)
    slices.withUnsafeMutableBufferPointer { slices in
      nonisolated(unsafe) let slices = slices
      Parallel.forEach(slices.count, threads: threads) { index in
        var search = search
        let z = points.box.z.lowerBound + index
        var (near, all) = (0.0, 0.0)
        points.forEach(inSlice: z) { x, y in
          let area = areas[code(x: x, y: y, z: z)]
          let square = search.squaredDistance(x: x, y: y, z: z, below: limit)
          all += area
          if square < limit, square.squareRoot() <= tolerance { near += area }
        }
        slices[index] = (near, all)
      }
    }
    return slices.reduce((0, 0)) { ($0.near + $1.near, $0.all + $1.all) }
  }

  /// Which of the voxels around a corner are set: bit dx + 2 dy + 4 dz.
  @inline(__always)
  private func code(x: Int, y: Int, z: Int) -> Int {
    var code = 0
    for corner in 0..<8 {
      let (x, y, z) = (x - 1 + (corner & 1), y - 1 + (corner >> 1 & 1), z - 1 + (corner >> 2))
      if x < 0 || y < 0 || z < 0 || x >= mask.size.x || y >= mask.size.y || z >= mask.size.z {
        continue
      }
      let bit = mask.row(y: y, z: z)[x / 64] >> UInt64(x % 64) & 1
      code |= Int(truncatingIfNeeded: bit) << corner
    }
    return code
  }
}

// MARK: - Areas

extension SurfaceElements {
  /// Area of the marching cubes surface (Lorensen and Cline, 1987) between the centres of eight voxels, for each set of them; it crosses edges of
  /// the cube in the middle.
  ///
  /// A set has the surface of its complement, so only sets of up to four voxels matter, and each group of voxels that share faces is cut off
  /// by itself. A flat piece with normal n, as long as its area at a spacing of 1, has the area of the vector
  /// (n.x s.y s.z, n.y s.x s.z, n.z s.x s.y) at spacing s.
  static func areas(spacing: SIMD3<Double>) -> [Double] {
    let scale = SIMD3(spacing.y * spacing.z, spacing.x * spacing.z, spacing.x * spacing.y)
    func area(_ normal: SIMD3<Double>) -> Double {
      let scaled = normal * scale
      return (scaled * scaled).sum().squareRoot()
    }
    return (0..<256).map { code in
      let set = code.nonzeroBitCount > 4 ? ~code & 255 : code
      return groups(set).flatMap(pieces).map(area).reduce(0, +)
    }
  }

  /// Voxels of the cube that share faces, by number (x + 2 y + 4 z).
  private static func groups(_ set: Int) -> [[Int]] {
    var rest = (0..<8).filter { set >> $0 & 1 == 1 }
    var groups: [[Int]] = []
    while let first = rest.first {
      var group = [first]
      while let next = rest.firstIndex(where: { voxel in
        !group.contains(voxel) && group.contains { areNeighbours($0, voxel) }
      }) {
        group.append(rest[next])
      }
      rest.removeAll { group.contains($0) }
      groups.append(group)
    }
    return groups
  }

  private static func areNeighbours(_ a: Int, _ b: Int) -> Bool { (a ^ b).nonzeroBitCount == 1 }

  /// Normals of the flat pieces that cut a group off the cube; signs do not matter.
  private static func pieces(_ group: [Int]) -> [SIMD3<Double>] {
    /// The axes along which some voxels differ.
    func axes(_ voxels: [Int]) -> SIMD3<Double> {
      let bits = voxels.reduce(0) { $0 | ($1 ^ voxels[0]) }
      return SIMD3(Double(bits & 1), Double(bits >> 1 & 1), Double(bits >> 2))
    }
    // The triangle that cuts off one voxel.
    let corner = SIMD3(repeating: 1.0 / 8)
    let across = 1 - axes(group)
    switch group.count {
    case 1: return [corner]
    // A rectangle askew.
    case 2: return [across / 2]
    // Half of the cube's section, and a slope.
    case 3: return [across / 2, 3 * corner]
    default: break
    }
    // Four of a face: the cube's section.
    if across != .zero { return [across] }
    let ends = group.filter { voxel in group.count { areNeighbours($0, voxel) } == 1 }
    // One with its three neighbours: a hexagon.
    if ends.count == 3 { return [6 * corner] }
    // A chain around a corner: a slope, and half a rectangle at each end.
    return [4 * corner]
      + ends.map { end in
        (1 - axes(group.filter { $0 == end || areNeighbours($0, end) })) / 4
      }
  }
}
