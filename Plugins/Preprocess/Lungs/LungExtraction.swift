internal import PonsImaging
internal import PonsKit

/// Finds the lungs in a CT of a chest: air inside the body, with what lies in it.
///
/// Air is what is darker than a threshold. The air around the patient reaches the border of the slices and is left out, as are
/// small pieces (trachea, bowel). A closing takes in vessels, and lesions that touch the wall, as far as its radius. After the common first
/// steps of Hu et al., IEEE Trans. Med. Imaging 20(6), 2001; both lungs are one mask.
struct LungExtraction: Sendable {
  /// Air is darker, in HU.
  var threshold = -320.0
  /// Radius of the closing in mm.
  var closing = 10.0
  /// Least and greatest volume of both lungs in ml.
  var limits = 1000.0...12_000.0
  var threads = 1

  /// Writes the mask of the lungs, and answers their volume in ml.
  ///
  /// - Parameters:
  ///   - voxels: HU, `[z, y, x]` on `grid`.
  ///   - mask: `[z, y, x]`, written with 0 and 1.
  /// - Throws: `StageFailure` of category `badInput`, NO_LUNG_MASK, when what was found is too small or too large.
  func run(
    _ voxels: Voxels, on grid: Grid, to mask: UnsafeMutableBufferPointer<UInt8>
  ) throws -> Double {
    let size = grid.size
    findAir(voxels, size, mask)
    removeOutside(mask, size)
    Components.keep(
      .fractionOfLargest(0.1), in: mask, size: size, connectivity: .faces, threads: threads)
    Morphology.apply(
      .closing, UnsafeBufferPointer(mask), size: size,
      element: .ball(radius: closing, spacing: grid.affine.spacing), into: mask, threads: threads)
    Morphology.fillHoles(in: mask, size: size, threads: threads)
    let count = mask.reduce(0) { $0 + Int($1) }
    let volume = Double(count) * abs(grid.affine.determinant) / 1000
    if !limits.contains(volume) {
      throw StageFailure(
        .badInput, code: "NO_LUNG_MASK",
        "no lungs were found: what was found measures \(Int(volume.rounded())) ml, expected "
          + "\(Int(limits.lowerBound)) to \(Int(limits.upperBound))",
        hint: "is it a CT of a whole chest? set minimum_ml and maximum_ml if this is right",
        port: "volume")
    }
    return volume
  }

  /// Sets what is darker than the threshold; NaN is not.
  private func findAir(
    _ voxels: Voxels, _ size: GridSize, _ mask: UnsafeMutableBufferPointer<UInt8>
  ) {
    let slice = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.sliceCount)
    defer { slice.deallocate() }
    for start in stride(from: 0, to: size.count, by: max(1, size.sliceCount)) {
      LinearIntensity().apply(voxels[start..<start + size.sliceCount], to: slice, threads: threads)
      for place in 0..<size.sliceCount {
        mask[start + place] = slice[place] < Float(threshold) ? 1 : 0
      }
    }
  }

  /// Takes away the pieces of air that reach the border of a slice.
  private func removeOutside(_ mask: UnsafeMutableBufferPointer<UInt8>, _ size: GridSize) {
    let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: size.count)
    defer { labels.deallocate() }
    let components = Components.label(
      UnsafeBufferPointer(mask), size: size, connectivity: .faces, into: labels, threads: threads)
    var isOutside = [Bool](repeating: false, count: components.count + 1)
    isOutside[0] = true
    for z in 0..<size.z {
      let slice = z * size.sliceCount
      for y in 0..<size.y {
        let row = slice + y * size.x
        isOutside[Int(labels[row])] = true
        isOutside[Int(labels[row + size.x - 1])] = true
      }
      for x in 0..<size.x {
        isOutside[Int(labels[slice + x])] = true
        isOutside[Int(labels[slice + (size.y - 1) * size.x + x])] = true
      }
    }
    for index in mask.indices where isOutside[Int(labels[index])] { mask[index] = 0 }
  }
}
