internal import PonsGrids
internal import PonsImaging
internal import PonsKit

extension GridPacket where Kind == MaskKind {
  /// Voxels other than 0 in each slice.
  func voxelsBySlice() throws -> [Int] {
    try withMask { mask in
      (0..<size.z).map { z in
        mask[z * size.sliceCount..<(z + 1) * size.sliceCount].reduce(into: 0) {
          if $1 != 0 { $0 += 1 }
        }
      }
    }
  }
}

extension CaseLayers {
  /// How much there is to see in each slice: of the final mask, or else of the first that has anything of SAM's mask, the truth
  /// and the heatmaps.
  func amounts() throws -> [Double] {
    for layer in [mask, sam, truth].compactMap({ $0 }) {
      let voxels = try layer.voxelsBySlice()
      if voxels.contains(where: { $0 > 0 }) { return voxels.map(Double.init) }
    }
    for layer in [enhanced, cam].compactMap({ $0 }) {
      let sums = try layer.sumsBySlice()
      if sums.contains(where: { $0 > 0 }) { return sums }
    }
    return [Double](repeating: 0, count: volume.size.z)
  }
}

extension GridPacket where Kind == HeatmapKind {
  /// Sum of the strengths in each slice.
  func sumsBySlice() throws -> [Double] {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: size.sliceCount) { slice in
      try (0..<size.z).map { z in
        try copySlice(z, to: slice)
        return slice.reduce(0.0) { $1 > 0 ? $0 + Double(min(1, $1)) : $0 }
      }
    }
  }
}
