/// A box of voxels; upper bounds are exclusive.
public struct IndexBox: Sendable, Hashable {
  /// Columns.
  public var x: Range<Int>
  /// Rows.
  public var y: Range<Int>
  /// Slices.
  public var z: Range<Int>

  /// A box.
  public init(x: Range<Int>, y: Range<Int>, z: Range<Int>) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// How many voxels it has along each axis.
  public var size: GridSize { GridSize(x: x.count, y: y.count, z: z.count) }

  /// The box grown by a margin on all sides, within a grid.
  public func grown(by margin: Int, within size: GridSize) -> IndexBox {
    grown(by: SIMD3(repeating: margin), within: size)
  }

  /// The box grown by margins along x, y and z, on both sides, within a grid.
  public func grown(by margins: SIMD3<Int>, within size: GridSize) -> IndexBox {
    func grow(_ range: Range<Int>, _ margin: Int, _ limit: Int) -> Range<Int> {
      max(0, range.lowerBound - margin)..<min(limit, range.upperBound + margin)
    }
    return IndexBox(
      x: grow(x, margins.x, size.x), y: grow(y, margins.y, size.y), z: grow(z, margins.z, size.z))
  }

  /// The smallest box that holds both.
  public func union(_ other: IndexBox) -> IndexBox {
    func join(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
      min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
    }
    return IndexBox(x: join(x, other.x), y: join(y, other.y), z: join(z, other.z))
  }
}

extension Voxels {
  /// The smallest box around all voxels that are neither 0 nor NaN; the last such voxel is inside. Nil when there is
  /// none.
  ///
  /// - Parameter size: `[z, y, x]`; its count is that of the voxels.
  public func nonzeroBox(_ size: GridSize, threads: Int = 1) -> IndexBox? {
    precondition(size.count == count, "the size is that of the voxels")
    return perform(NonzeroBox(size: size, threads: threads))
  }
}

private struct NonzeroBox: ScalarWork {
  let size: GridSize
  let threads: Int

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) -> IndexBox? {
    guard let base = voxels.baseAddress else { return nil }
    nonisolated(unsafe) let start = base
    let size = size
    var boxes = [IndexBox?](repeating: nil, count: size.z)
    boxes.withUnsafeMutableBufferPointer { boxes in
      nonisolated(unsafe) let boxes = boxes
      Parallel.forEach(size.z, threads: threads) { z in
        boxes[z] = Self.box(of: start + z * size.sliceCount, z: z, size)
      }
    }
    return boxes.reduce(nil) { all, box in
      guard let all, let box else { return all ?? box }
      return all.union(box)
    }
  }

  private static func box<S: Scalar>(
    of slice: UnsafePointer<S>, z: Int, _ size: GridSize
  ) -> IndexBox? {
    var low = Int.max
    var high = -1
    var rows: Range<Int>?
    for y in 0..<size.y {
      let row = slice + y * size.x
      var first = 0
      while first < size.x, !row[first].isForeground { first += 1 }
      if first == size.x { continue }
      var last = size.x - 1
      while !row[last].isForeground { last -= 1 }
      low = min(low, first)
      high = max(high, last)
      rows = (rows?.lowerBound ?? y)..<y + 1
    }
    return rows.map { IndexBox(x: low..<high + 1, y: $0, z: z..<z + 1) }
  }
}

extension Scalar {
  /// Neither 0 nor NaN.
  var isForeground: Bool { foregroundCount != 0 }

  /// 1 when the value is neither 0 nor NaN, otherwise 0; without a branch, which would be guessed wrong all the time.
  var foregroundCount: Int {
    let value = double
    return (value < 0 ? 1 : 0) | (value > 0 ? 1 : 0)
  }
}
