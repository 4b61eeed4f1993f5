/// Finds the nearest set voxel of a mask, exactly, by looking at rows nearer than what is known already.
///
/// Queries that follow each other are near each other: the answer to the last one bounds the next one from the start, so that only
/// a disc of rows has to be looked at, a word of 64 voxels at once.
struct NearestVoxels {
  private let mask: BitMask
  private let box: IndexBox
  /// Squares of distances along an axis, by voxels.
  private let squares: (x: [Double], y: [Double], z: [Double])
  /// The nearest voxel of the last query.
  private var last: (x: Int, y: Int, z: Int)?

  /// - Parameters:
  ///   - box: around all voxels that are set; there is at least one.
  ///   - reach: a box that queries stay in.
  init(mask: BitMask, box: IndexBox, reach: IndexBox, spacing: SIMD3<Double>) {
    self.mask = mask
    self.box = box
    let all = box.union(reach)
    func squares(_ count: Int, _ spacing: Double) -> [Double] {
      (0...count).map { Double($0) * spacing * (Double($0) * spacing) }
    }
    self.squares = (
      squares(all.x.count + 64, spacing.x), squares(all.y.count, spacing.y),
      squares(all.z.count, spacing.z)
    )
  }

  /// Square of the distance to the nearest set voxel, in mm^2; if none is nearer than a limit, the limit.
  mutating func squaredDistance(x: Int, y: Int, z: Int, below limit: Double = .infinity) -> Double {
    var best = limit
    if let last {
      let square =
        squares.x[abs(last.x - x)] + squares.y[abs(last.y - y)] + squares.z[abs(last.z - z)]
      best = min(best, square)
    }
    var found = last
    Self.outwards(from: z, in: box.z) { otherZ, dz in
      let alongZ = squares.z[dz]
      if alongZ >= best { return false }
      Self.outwards(from: y, in: box.y) { otherY, dy in
        let across = alongZ + squares.y[dy]
        if across >= best { return false }
        let row = mask.row(y: otherY, z: otherZ)
        if let place = nearest(row, x, below: best - across) {
          let square = squares.x[abs(place - x)] + across
          if square < best {
            best = square
            found = (place, otherY, otherZ)
          }
        }
        return true
      }
      return true
    }
    last = found
    return best
  }

  /// Calls `body` with the numbers of a range in order of their distance from a number, until it answers no on both sides.
  @inline(__always)
  private static func outwards(
    from start: Int, in range: Range<Int>, _ body: (_ number: Int, _ distance: Int) -> Bool
  ) {
    var up = max(start, range.lowerBound)
    var down = min(start - 1, range.upperBound - 1)
    while true {
      let isUp = up < range.upperBound && (down < range.lowerBound || up - start <= start - down)
      if isUp {
        if !body(up, up - start) { return }
        up += 1
      } else if down >= range.lowerBound {
        if !body(down, start - down) { return }
        down -= 1
      } else {
        return
      }
    }
  }

  /// The set bit of a row nearest to x; words that are too far away need not be looked at.
  @inline(__always)
  private func nearest(_ row: UnsafePointer<UInt64>, _ x: Int, below limit: Double) -> Int? {
    let word = x / 64
    let bit = UInt64(x % 64)
    var right: Int?
    let ahead = row[word] >> bit
    if ahead != 0 {
      right = x + ahead.trailingZeroBitCount
    } else {
      var next = word + 1
      while next < mask.rowWords, next * 64 < box.x.upperBound,
        squares.x[next * 64 - x] < limit
      {
        if row[next] != 0 {
          right = next * 64 + row[next].trailingZeroBitCount
          break
        }
        next += 1
      }
    }
    let behind = row[word] << (63 - bit)
    if behind != 0 {
      let left = x - behind.leadingZeroBitCount
      return right.map { $0 - x < x - left ? $0 : left } ?? left
    }
    var next = word - 1
    while next >= 0, next * 64 + 63 >= box.x.lowerBound, squares.x[x - next * 64 - 63] < limit {
      if row[next] != 0 {
        let left = next * 64 + 63 - row[next].leadingZeroBitCount
        return right.map { $0 - x < x - left ? $0 : left } ?? left
      }
      next -= 1
    }
    return right
  }
}
