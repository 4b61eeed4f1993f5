package import PonsImaging

/// How slices of a volume are turned and cropped to be looked at: as radiologists do, the patient's right on the left of the
/// picture, front or head on top. Nothing is resampled.
package struct SliceView: Sendable {
  /// Pixels of the cropped picture.
  package let width: Int
  package let height: Int
  /// Size of a pixel in mm.
  package let pixel: (x: Double, y: Double)
  /// Where the edges of the picture lie: left, right, top, bottom; R, L, A, P, S or I.
  package let letters: (left: String, right: String, top: String, bottom: String)

  private let size: GridSize
  private let isTransposed: Bool
  private let flips: (x: Bool, y: Bool)
  private let crop: (x: Range<Int>, y: Range<Int>)

  /// A view of whole slices.
  package init(_ grid: Grid) {
    let directions = Orientation(nearestTo: grid.affine).directions
    // The axis that goes down: of head and feet, or else of front and back.
    let isTransposed =
      directions[0].axis == 2 || directions[1].axis != 2 && directions[0].axis == 1
    let (across, down) =
      isTransposed ? (directions[1], directions[0]) : (directions[0], directions[1])
    let spacing = grid.affine.spacing
    size = grid.size
    self.isTransposed = isTransposed
    // To the right goes left or back, down goes feet or back.
    flips = (across == .right || across == .anterior, down == .superior || down == .anterior)
    pixel = isTransposed ? (spacing.y, spacing.x) : (spacing.x, spacing.y)
    crop = (
      0..<(isTransposed ? size.y : size.x), 0..<(isTransposed ? size.x : size.y)
    )
    (width, height) = (crop.x.count, crop.y.count)
    let horizontal = across.axis == 0 ? ("R", "L") : ("A", "P")
    let vertical = down.axis == 2 ? ("S", "I") : ("A", "P")
    letters = (horizontal.0, horizontal.1, vertical.0, vertical.1)
  }

  private init(_ view: SliceView, crop: (x: Range<Int>, y: Range<Int>)) {
    (size, isTransposed, flips) = (view.size, view.isTransposed, view.flips)
    (pixel, letters) = (view.pixel, view.letters)
    self.crop = crop
    (width, height) = (crop.x.count, crop.y.count)
  }

  /// The part of the picture in which any of the masks is set, with a margin; all of it when none is.
  ///
  /// - Parameter masks: of this view, row by row.
  func cropped(to masks: [[Bool]]) -> SliceView {
    var (left, right, top, bottom) = (Int.max, -1, Int.max, -1)
    for mask in masks {
      for y in 0..<height {
        for x in 0..<width where mask[y * width + x] {
          (left, right) = (min(left, x), max(right, x))
          (top, bottom) = (min(top, y), max(bottom, y))
        }
      }
    }
    if right < 0 { return self }
    let margin = 2 + max(right - left, bottom - top) / 25
    return SliceView(
      self,
      crop: (
        crop.x.lowerBound + max(0, left - margin)..<crop.x.lowerBound
          + min(width, right + 1 + margin),
        crop.y.lowerBound + max(0, top - margin)..<crop.y.lowerBound
          + min(height, bottom + 1 + margin)
      ))
  }

  /// The picture of a slice.
  ///
  /// - Parameter slice: `[y, x]` of the volume.
  /// - Returns: row by row from the top.
  package func picture<Value>(of slice: UnsafeBufferPointer<Value>) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(width * height)
    for v in crop.y {
      for u in crop.x {
        let across = flips.x ? (isTransposed ? size.y : size.x) - 1 - u : u
        let down = flips.y ? (isTransposed ? size.x : size.y) - 1 - v : v
        result.append(isTransposed ? slice[across * size.x + down] : slice[down * size.x + across])
      }
    }
    return result
  }

  /// Where a box of the volume is in the picture, in pixels from its upper left corner; it may reach beyond.
  ///
  /// - Parameters:
  ///   - x: voxels along x.
  ///   - y: voxels along y.
  package func place(x: Range<Int>, y: Range<Int>) -> (x: Range<Int>, y: Range<Int>) {
    let (across, down) = isTransposed ? (y, x) : (x, y)
    func flipped(_ range: Range<Int>, _ flips: Bool, _ count: Int, _ start: Int) -> Range<Int> {
      let turned = flips ? count - range.upperBound..<count - range.lowerBound : range
      return turned.lowerBound - start..<turned.upperBound - start
    }
    return (
      flipped(across, flips.x, isTransposed ? size.y : size.x, crop.x.lowerBound),
      flipped(down, flips.y, isTransposed ? size.x : size.y, crop.y.lowerBound)
    )
  }
}
