package import PonsImaging

/// The slices of a volume as pictures: whole numbers from 0 to 255, seen as a radiologist sees them.
///
/// Rows run towards the back (or the feet), columns towards the left of the patient, whichever way the volume is stored:
/// networks that learned from pictures have seen heads upright.
package struct SliceImages {
  /// Which intensities become 0 and 255.
  package enum Window: String, Sendable, Codable, CaseIterable {
    /// The least and the largest of each slice.
    case slice
    /// The least and the largest of the whole volume.
    case volume
  }

  /// What becomes of slices that are no squares, which is what CLIP sees.
  package enum Fit: String, Sendable, Codable, CaseIterable {
    /// The square in the middle is seen, as CLIP's own preparation has it.
    case crop
    /// All of the slice is seen, with dark bars at its long sides.
    case pad
  }

  /// Rows and columns of a picture.
  package let frame: (height: Int, width: Int)

  private let voxels: UnsafeBufferPointer<Float>
  private let mask: UnsafeBufferPointer<UInt8>?
  private let size: GridSize
  private let window: Window
  private let volumeRange: ClosedRange<Float>?
  private let flipsRows: Bool
  private let flipsColumns: Bool

  /// - Parameters:
  ///   - voxels: `[z, y, x]`; what is not finite counts as dark.
  ///   - mask: of the same shape; what is 0 in it becomes 0 and is not measured.
  package init(
    _ voxels: UnsafeBufferPointer<Float>, mask: UnsafeBufferPointer<UInt8>?, grid: Grid,
    window: Window, fit: Fit = .crop
  ) {
    self.voxels = voxels
    self.mask = mask
    size = grid.size
    let edge = max(grid.size.x, grid.size.y)
    frame = fit == .pad ? (edge, edge) : (grid.size.y, grid.size.x)
    self.window = window
    let directions = Orientation(nearestTo: grid.affine).directions
    flipsColumns = directions[0].isPositive
    flipsRows = directions[1].isPositive
    volumeRange = Self.range(voxels, mask, 0..<voxels.count)
  }

  /// Share of each slice's voxels that show something: those in the mask, or without one those that are brighter than the
  /// darkest of the volume. 0 for slices in which everything is the same.
  package func signal() -> [Double] {
    let area = size.x * size.y
    return (0..<size.z).map { z in
      let slice = z * area..<(z + 1) * area
      guard let darkest = volumeRange?.lowerBound,
        let range = Self.range(voxels, mask, slice), range.lowerBound < range.upperBound
      else { return 0 }
      let count =
        if let mask {
          slice.count { mask[$0] != 0 }
        } else {
          slice.count { voxels[$0].isFinite && voxels[$0] > darkest }
        }
      return Double(count) / Double(area)
    }
  }

  /// Writes the picture of a slice, `[y, x]` of the size of ``frame``; what is padded must be 0 before.
  package func write(_ z: Int, to picture: UnsafeMutableBufferPointer<Float>) {
    let area = size.x * size.y
    let first = z * area
    let own = window == .slice ? Self.range(voxels, mask, first..<first + area) : volumeRange
    let low = own?.lowerBound ?? 0
    let width = (own?.upperBound ?? 0) - low
    let scale = width > 0 && width.isFinite ? 255 / width : 0
    let (top, left) = ((frame.height - size.y) / 2, (frame.width - size.x) / 2)
    for y in 0..<size.y {
      let line = (top + y) * frame.width + left
      let row = first + (flipsRows ? size.y - 1 - y : y) * size.x
      for x in 0..<size.x {
        let index = row + (flipsColumns ? size.x - 1 - x : x)
        let value = voxels[index]
        let isShown = !value.isNaN && mask.map { $0[index] != 0 } ?? true
        picture[line + x] =
          isShown ? min(max((value - low) * scale, 0), 255).rounded(.toNearestOrEven) : 0
      }
    }
  }

  private static func range(
    _ voxels: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<UInt8>?, _ part: Range<Int>
  ) -> ClosedRange<Float>? {
    var low = Float.infinity
    var high = -Float.infinity
    for index in part where mask.map({ $0[index] != 0 }) ?? true {
      let value = voxels[index]
      if !value.isFinite { continue }
      low = min(low, value)
      high = max(high, value)
    }
    return low <= high ? low...high : nil
  }
}
