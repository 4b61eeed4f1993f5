internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Makes prompts of a region, a slice at a time (CLISC, Ma et al., ISBI 2025, and their code).
///
/// - A box is the region's, grown and clipped to the slice.
/// - Foreground points: v is the slice scaled to 0...1 between its least and its greatest finite value, within the region. Candidates
///   have v >= brightness * max(v). Of n candidates in raster order those numbered 0, n/3, n/2, 2n/3 (rounded down) and n - 1 are taken,
///   each once. NaN counts as 0.
/// - Background points are the corners of the grown box that are not in the region.
struct RegionPrompts {
  let settings: PromptSettings
  let region: GridPacket<MaskKind>
  /// For foreground points.
  let volume: GridPacket<VolumeKind>?

  func make(_ context: Context) throws -> PromptList {
    try region.withMask { mask in
      let size = region.size
      let slices = (0..<size.z).compactMap { Slice(mask, z: $0, size) }
      let margins = settings.margins(region.grid.affine.spacing)
      var list = PromptList()
      for slice in slices.every(settings.step) {
        try context.checkCancelled()
        let box = slice.box.grown(by: margins, within: size)
        if settings.boxes {
          list.boxes.append(PromptList.Box(z: slice.z, x: box.x, y: box.y))
        }
        if settings.foreground { list.points += try foreground(slice) }
        if settings.background { list.points += background(slice, box) }
      }
      return list
    }
  }

  /// The region in a slice.
  private struct Slice {
    let z: Int
    /// Places in the slice, in raster order.
    let voxels: [Int]
    let box: IndexBox
    let width: Int

    /// Nil when the region has nothing there.
    init?(_ mask: UnsafeBufferPointer<UInt8>, z: Int, _ size: GridSize) {
      let start = z * size.sliceCount
      let part = Voxels(UnsafeBufferPointer(rebasing: mask[start..<start + size.sliceCount]))
      guard let box = part.nonzeroBox(GridSize(x: size.x, y: size.y, z: 1)) else { return nil }
      self.z = z
      self.box = box
      width = size.x
      voxels = box.y.flatMap { y in
        box.x.compactMap { x in mask[start + y * size.x + x] == 0 ? nil : y * size.x + x }
      }
    }
  }

  private func foreground(_ slice: Slice) throws -> [PromptList.Point] {
    guard let volume else { return [] }
    let values = try [Float](unsafeUninitializedCapacity: volume.size.sliceCount) { memory, count in
      count = volume.size.sliceCount
      try volume.copySlice(slice.z, to: UnsafeMutableBufferPointer(rebasing: memory[..<count]))
    }
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    let width = Double(high) - Double(low)
    let brightness = slice.voxels.map { place in
      guard width > 0 else { return 0.0 }
      return (Double(min(max(values[place], low), high)) - Double(low)) / width
    }
    let least = settings.brightness * (brightness.max() ?? 0)
    let candidates = zip(slice.voxels, brightness).filter { $0.1 >= least }.map(\.0)
    let n = candidates.count
    var taken: [Int] = []
    for index in [0, n / 3, n / 2, 2 * n / 3, n - 1] where !taken.contains(candidates[index]) {
      taken.append(candidates[index])
    }
    return taken.map {
      PromptList.Point(z: slice.z, x: $0 % slice.width, y: $0 / slice.width, isForeground: true)
    }
  }

  private func background(_ slice: Slice, _ box: IndexBox) -> [PromptList.Point] {
    var taken: [PromptList.Point] = []
    for y in [box.y.lowerBound, box.y.upperBound - 1] {
      for x in [box.x.lowerBound, box.x.upperBound - 1] {
        let point = PromptList.Point(z: slice.z, x: x, y: y, isForeground: false)
        let isInside = slice.voxels.contains(y * slice.width + x)
        if !isInside, !taken.contains(point) { taken.append(point) }
      }
    }
    return taken
  }
}
