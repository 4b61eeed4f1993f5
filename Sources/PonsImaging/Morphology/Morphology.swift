/// Binary morphology of masks.
///
/// The border is scipy's (`border_value=0`): nothing beyond the grid is set. So erosion takes voxels away at the border of the grid, and closing
/// may do so, too. Results are 0 and 1, do not depend on the number of threads, and may be written over the mask that is read.
public enum Morphology {
  /// What is done to a mask.
  public enum Operation: Sendable, Hashable, CaseIterable {
    /// Sets voxels whose neighbourhood has a set voxel.
    case dilation
    /// Keeps voxels whose whole neighbourhood is set.
    case erosion
    /// Erosion, then dilation: takes away what is smaller than the element.
    case opening
    /// Dilation, then erosion: closes gaps that are smaller than the element.
    case closing
  }

  /// Applies an operation.
  ///
  /// - Parameters:
  ///   - operation: what is done.
  ///   - mask: `[z, y, x]`; every value but 0 is foreground.
  ///   - size: the grid of the mask.
  ///   - element: the neighbourhood. With iterations, opening erodes so many times and then dilates as often.
  ///   - result: `[z, y, x]`, written with 0 and 1; it may be the memory of the mask.
  ///   - threads: how many threads may work.
  public static func apply(
    _ operation: Operation, _ mask: UnsafeBufferPointer<UInt8>, size: GridSize,
    element: StructuringElement, into result: UnsafeMutableBufferPointer<UInt8>, threads: Int = 1
  ) {
    var bits = BitMask(mask, size: size, threads: threads)
    for change in operation.changes {
      bits = bits.changed(change, element, threads: threads)
    }
    bits.unpack(into: result, threads: threads)
  }

  /// Sets the voxels of holes: background from which no path leads to the border of the grid.
  ///
  /// - Parameters:
  ///   - mask: `[z, y, x]`; every value but 0 is foreground and keeps its value.
  ///   - size: the grid of the mask.
  ///   - connectivity: of paths through the background (`faces` as in scipy's `binary_fill_holes`).
  ///   - value: what holes are set to.
  ///   - threads: how many threads may work.
  /// - Returns: how many voxels were set.
  @discardableResult
  public static func fillHoles(
    in mask: UnsafeMutableBufferPointer<UInt8>, size: GridSize, connectivity: Connectivity = .faces,
    value: UInt8 = 1, threads: Int = 1
  ) -> Int {
    let background = ComponentRuns(
      BitMask(UnsafeBufferPointer(mask), size: size, threads: threads), complement: true,
      connectivity: connectivity, threads: threads)
    var isOpen = [Bool](repeating: false, count: background.sizes.count + 1)
    for z in 0..<size.z {
      background.forEachRun(ofSlice: z) { offset, count, label in
        let (x, y) = (offset % size.x, offset / size.x % size.y)
        if x == 0 || y == 0 || z == 0 || x + count == size.x || y + 1 == size.y || z + 1 == size.z {
          isOpen[Int(label)] = true
        }
      }
    }
    var filled = 0
    for z in 0..<size.z {
      background.forEachRun(ofSlice: z) { offset, count, label in
        if isOpen[Int(label)] { return }
        for voxel in offset..<offset + count { mask[voxel] = value }
        filled += count
      }
    }
    return filled
  }
}

extension Morphology.Operation {
  fileprivate var changes: [BitMask.Change] {
    switch self {
    case .dilation: [.dilation]
    case .erosion: [.erosion]
    case .opening: [.erosion, .dilation]
    case .closing: [.dilation, .erosion]
    }
  }
}
