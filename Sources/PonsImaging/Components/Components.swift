internal import Glibc

/// The connected components of a mask.
///
/// Components are numbered from 1 in raster order of their first voxels, as `scipy.ndimage.label` does: by z, then y, then x. Results do
/// not depend on the number of threads.
public struct Components: Sendable, Hashable {
  /// Voxels of each component; that of component k is at k - 1.
  public let sizes: [Int]

  /// How many components there are.
  public var count: Int { sizes.count }

  /// The component with most voxels, the first of several such; nil when there is none.
  public var largest: Int? {
    sizes.indices.max { sizes[$0] < sizes[$1] || sizes[$0] == sizes[$1] && $0 > $1 }.map { $0 + 1 }
  }

  /// Labels the components of a mask.
  ///
  /// - Parameters:
  ///   - mask: `[z, y, x]`; every value but 0 is foreground.
  ///   - size: the grid of the mask.
  ///   - connectivity: which voxels are neighbours.
  ///   - labels: `[z, y, x]`, written: 0 for background, else the number of the component.
  ///   - threads: how many threads may work.
  public static func label(
    _ mask: UnsafeBufferPointer<UInt8>, size: GridSize, connectivity: Connectivity = .corners,
    into labels: UnsafeMutableBufferPointer<Int32>, threads: Int = 1
  ) -> Components {
    precondition(labels.count == size.count, "there are as many labels as voxels")
    let found = ComponentRuns(
      BitMask(mask, size: size, threads: threads), connectivity: connectivity, threads: threads)
    guard let base = labels.baseAddress, size.count > 0 else { return Components(sizes: []) }
    nonisolated(unsafe) let output = base
    Parallel.forEach(size.z, threads: threads) { z in
      memset(output + z * size.sliceCount, 0, size.sliceCount * MemoryLayout<Int32>.stride)
      found.forEachRun(ofSlice: z) { offset, count, label in
        for voxel in offset..<offset + count { output[voxel] = label }
      }
    }
    return Components(sizes: found.sizes)
  }

  /// Which components stay.
  public enum Selection: Sendable, Hashable {
    /// The one with most voxels, the first of several such.
    case largest
    /// Those with at least this share of the largest one's voxels.
    case fractionOfLargest(Double)
    /// Those with at least so many voxels.
    case voxels(Int)
  }

  /// Numbers of the components that a selection keeps, in ascending order.
  public func selected(_ selection: Selection) -> [Int] {
    guard let largest else { return [] }
    return (1...count).filter { number in
      let voxels = sizes[number - 1]
      return switch selection {
      case .largest: number == largest
      case .fractionOfLargest(let share): Double(voxels) >= share * Double(sizes[largest - 1])
      case .voxels(let minimum): voxels >= minimum
      }
    }
  }

  /// Sets all voxels of a mask to 0 that belong to no selected component; the others keep their values.
  ///
  /// - Parameters:
  ///   - selection: which components stay.
  ///   - mask: `[z, y, x]`; every value but 0 is foreground.
  ///   - size: the grid of the mask.
  ///   - connectivity: which voxels are neighbours.
  ///   - threads: how many threads may work.
  /// - Returns: the components before.
  @discardableResult
  public static func keep(
    _ selection: Selection, in mask: UnsafeMutableBufferPointer<UInt8>, size: GridSize,
    connectivity: Connectivity = .corners, threads: Int = 1
  ) -> Components {
    let found = ComponentRuns(
      BitMask(UnsafeBufferPointer(mask), size: size, threads: threads), connectivity: connectivity,
      threads: threads)
    let components = Components(sizes: found.sizes)
    guard let base = mask.baseAddress, components.count > 0 else { return components }
    var stays = [Bool](repeating: false, count: components.count + 1)
    for number in components.selected(selection) { stays[number] = true }
    nonisolated(unsafe) let output = base
    let staying = stays
    Parallel.forEach(size.z, threads: threads) { z in
      found.forEachRun(ofSlice: z) { offset, count, label in
        if !staying[Int(label)] { memset(output + offset, 0, count) }
      }
    }
    return components
  }
}
