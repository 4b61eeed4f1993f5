internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// What is shown of a slice: the image, and what was found on it.
package struct SlicePicture: Sendable {
  /// A prompt, in pixels of the picture.
  struct Point: Sendable {
    var x: Double
    var y: Double
    var isForeground: Bool
  }

  /// Number of the slice, from 0.
  var z: Int
  var image: PNGImage
  /// Colours over the image; nil where there is no such heatmap.
  var cam: PNGImage?
  var enhanced: PNGImage?
  var boxes: [(x: Range<Int>, y: Range<Int>)]
  var points: [Point]
  /// nil where there is no such mask, empty where it is empty in this slice.
  var sam: Outline?
  var mask: Outline?
  var truth: Outline?
}

/// The slices of a case that are shown.
package struct CasePictures: Sendable {
  /// Of the pictures in pixels, and of a pixel in mm.
  var view: SliceView
  var slices: [SlicePicture]
}

/// What a case has on the grid of its volume.
struct CaseLayers {
  var volume: GridPacket<VolumeKind>
  var cam: GridPacket<HeatmapKind>?
  var enhanced: GridPacket<HeatmapKind>?
  var prompts: PromptList?
  var sam: GridPacket<MaskKind>?
  var mask: GridPacket<MaskKind>?
  var truth: GridPacket<MaskKind>?

  /// Pictures of a few slices.
  ///
  /// - Parameters:
  ///   - slices: their numbers.
  ///   - longest: pixels that a side of a picture has at most; larger ones are averaged.
  func pictures(_ slices: [Int], longest: Int, threads: Int) throws -> CasePictures {
    let whole = SliceView(volume.grid)
    let window = window(threads: threads)
    let raw = try slices.map { try plane(volume, $0) { whole.picture(of: $0) } }
    var shown = raw.map { slice in
      // Dark borders are left away: what is a tenth brighter than the darkest counts.
      slice.map { $0 > window.low + (window.high - window.low) * 0.1 }
    }
    for layer in [sam, mask, truth].compactMap({ $0 }) {
      for z in slices {
        shown.append(try plane(layer, z) { whole.picture(of: $0).map { $0 != 0 } })
      }
    }
    let view = whole.cropped(to: shown)
    let factor = max(1, (max(view.width, view.height) + longest - 1) / longest)
    return CasePictures(
      view: view,
      slices: try slices.map { z in
        let pixels = try plane(volume, z) { view.picture(of: $0) }
        let (small, width) = Self.averaged(pixels, width: view.width, factor)
        let scale = 255 / (window.high - window.low)
        let gray = small.map { UInt8(max(0, min(255, (($0 - window.low) * scale).rounded()))) }
        func heat(_ layer: GridPacket<HeatmapKind>?) throws -> PNGImage? {
          guard let layer else { return nil }
          let values = try plane(layer, z) { view.picture(of: $0) }
          let (small, width) = Self.averaged(values, width: view.width, factor)
          return try PNGImage(
            indices: small.map(HeatColors.level), width: width, colors: HeatColors.palette)
        }
        func outline(_ layer: GridPacket<MaskKind>?) throws -> Outline? {
          guard let layer else { return nil }
          let mask = try plane(layer, z) { view.picture(of: $0).map { $0 == 0 ? 0 : 1 as UInt8 } }
          return Outline(mask, width: view.width)
        }
        return SlicePicture(
          z: z, image: try PNGImage(gray: gray, width: width), cam: try heat(cam),
          enhanced: try heat(enhanced),
          boxes: (prompts?.boxes ?? []).filter { $0.z == z }.map { view.place(x: $0.x, y: $0.y) },
          points: (prompts?.points ?? []).filter { $0.z == z }.map { point in
            let place = view.place(x: point.x..<point.x + 1, y: point.y..<point.y + 1)
            return SlicePicture.Point(
              x: Double(place.x.lowerBound) + 0.5, y: Double(place.y.lowerBound) + 0.5,
              isForeground: point.isForeground)
          }, sam: try outline(sam), mask: try outline(mask), truth: try outline(truth))
      })
  }

  /// The brightness that is shown black and white: the 1st and the 99.8th percentile of the voxels other than 0.
  private func window(threads: Int) -> (low: Float, high: Float) {
    guard let type = ScalarType(rawValue: volume.voxels.type.rawValue) else { return (0, 1) }
    let ends = volume.voxels.withBytes { bytes in
      Voxels(type, bytes)[0..<volume.size.count]
        .percentiles([1, 99.8], of: .nonzero, threads: threads)
    }
    guard let ends, ends[0].isFinite, ends[1].isFinite, Float(ends[1]) > Float(ends[0]) else {
      return (0, 1)
    }
    return (Float(ends[0]), Float(ends[1]))
  }

  /// Calls `body` with a slice; NaN is 0.
  private func plane<Kind, Result>(
    _ layer: GridPacket<Kind>, _ z: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: layer.size.sliceCount) { slice in
      try layer.copySlice(z, to: slice)
      return try body(UnsafeBufferPointer(slice))
    }
  }

  /// Means of squares of pixels; what does not fill a square at the right and the bottom is averaged as it is.
  static func averaged(_ pixels: [Float], width: Int, _ factor: Int) -> ([Float], width: Int) {
    if factor == 1 { return (pixels.map { $0.isFinite ? $0 : 0 }, width) }
    let height = pixels.count / width
    let small = (width: (width + factor - 1) / factor, height: (height + factor - 1) / factor)
    var result: [Float] = []
    for y in 0..<small.height {
      for x in 0..<small.width {
        var (sum, count) = (Float(0), Float(0))
        for v in y * factor..<min(height, (y + 1) * factor) {
          for u in x * factor..<min(width, (x + 1) * factor) where pixels[v * width + u].isFinite {
            sum += pixels[v * width + u]
            count += 1
          }
        }
        result.append(count > 0 ? sum / count : 0)
      }
    }
    return (result, small.width)
  }
}
