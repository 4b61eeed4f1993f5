extension BitMask {
  /// The smallest box around the voxels that are set; nil when there is none.
  var box: IndexBox? {
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
    return IndexBox(x: left..<right, y: low.y..<high.y + 1, z: low.z..<high.z + 1)
  }

  /// How many voxels of a box's rows are set.
  func count(in box: IndexBox) -> Int {
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
