/// Which voxels count. NaN never does.
public enum VoxelSelection: @unchecked Sendable {
  // @unchecked: nothing is written through the mask.
  /// Every voxel.
  case all
  /// Voxels other than 0.
  case nonzero
  /// Voxels where a mask, in the same order, is not 0.
  case mask(UnsafeBufferPointer<UInt8>)

  /// The selection for a part of the voxels.
  func part(_ range: Range<Int>) -> VoxelSelection {
    if case .mask(let mask) = self { return .mask(UnsafeBufferPointer(rebasing: mask[range])) }
    return self
  }

  func check(_ count: Int) {
    if case .mask(let mask) = self {
      precondition(mask.count == count, "the mask is as large as the volume")
    }
  }
}

extension UnsafeBufferPointer where Element: Scalar {
  /// Calls `body` with the selected voxels of a range, in order, some thousand at a time.
  @inline(__always)
  func forEachBlock(
    _ range: Range<Int>, _ selection: VoxelSelection, _ body: (UnsafeBufferPointer<Element>) -> Void
  ) {
    let size = 4096
    if case .all = selection, Element.type.isInteger {
      // Integers are never NaN: nothing needs picking.
      for low in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        body(UnsafeBufferPointer(rebasing: self[low..<Swift.min(low + size, range.upperBound)]))
      }
      return
    }
    withUnsafeTemporaryAllocation(of: Element.self, capacity: size) { picked in
      guard let base = baseAddress, let to = picked.baseAddress else { return }
      for low in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        let high = Swift.min(low + size, range.upperBound)
        var count = 0
        // Written always, counted when selected: no branch to guess.
        switch selection {
        case .all:
          for index in low..<high {
            let value = base[index]
            to[count] = value
            count &+= value.numberCount
          }
        case .nonzero:
          for index in low..<high {
            let value = base[index]
            to[count] = value
            count &+= value.foregroundCount
          }
        case .mask(let mask):
          for index in low..<high {
            let value = base[index]
            to[count] = value
            count &+= (mask[index] != 0 ? 1 : 0) & value.numberCount
          }
        }
        if count > 0 { body(UnsafeBufferPointer(start: to, count: count)) }
      }
    }
  }
}

extension Scalar {
  /// 0 for NaN, otherwise 1.
  var numberCount: Int {
    let value = double
    return value == value ? 1 : 0
  }
}
