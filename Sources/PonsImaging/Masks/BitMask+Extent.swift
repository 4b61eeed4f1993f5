extension BitMask {
  /// A box of voxels; upper bounds are exclusive.
  struct Box: Equatable {
    var x: Range<Int>
    var y: Range<Int>
    var z: Range<Int>

    var size: GridSize { GridSize(x: x.count, y: y.count, z: z.count) }

    /// The smallest box that holds both.
    func union(_ other: Box) -> Box {
      func join(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
        min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
      }
      return Box(x: join(x, other.x), y: join(y, other.y), z: join(z, other.z))
    }

    /// The box grown by so many voxels on both sides of each axis, within a grid.
    func grown(by margin: SIMD3<Int>, within size: GridSize) -> Box {
      func grow(_ range: Range<Int>, _ margin: Int, _ limit: Int) -> Range<Int> {
        max(0, range.lowerBound - margin)..<min(limit, range.upperBound + margin)
      }
      return Box(
        x: grow(x, margin.x, size.x), y: grow(y, margin.y, size.y), z: grow(z, margin.z, size.z))
    }
  }

  /// The box of all voxels.
  var everything: Box { Box(x: 0..<size.x, y: 0..<size.y, z: 0..<size.z) }

  /// The smallest box around the voxels that are set; nil when there is none.
  var box: Box? {
    var columns = [UInt64](repeating: 0, count: rowWords)
    var low = (y: Int.max, z: Int.max)
    var high = (y: -1, z: -1)
    for z in 0..<size.z {
      for y in 0..<size.y {
        let row = row(y: y, z: z)
        var any: UInt64 = 0
        for word in 0..<rowWords { any |= row[word] }
        if any == 0 { continue }
        for word in 0..<rowWords { columns[word] |= row[word] }
        low = (min(low.y, y), min(low.z, z))
        high = (max(high.y, y), z)
      }
    }
    guard let first = columns.firstIndex(where: { $0 != 0 }),
      let last = columns.lastIndex(where: { $0 != 0 })
    else { return nil }
    let left = first * 64 + columns[first].trailingZeroBitCount
    let right = last * 64 + 64 - columns[last].leadingZeroBitCount
    return Box(x: left..<right, y: low.y..<high.y + 1, z: low.z..<high.z + 1)
  }

  /// How many voxels of a box's rows are set.
  func count(in box: Box) -> Int {
    var sum = 0
    for z in box.z {
      for y in box.y {
        let row = row(y: y, z: z)
        for word in 0..<rowWords where row[word] != 0 { sum += row[word].nonzeroBitCount }
      }
    }
    return sum
  }
}
