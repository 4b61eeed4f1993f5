package import PonsKit

/// Where a patch lies in a volume: its first voxel, which may be outside when the patch is larger than the volume.
package struct PatchPlace: Sendable, Hashable {
  /// First voxel in z, y and x.
  package var start: [Int]

  package init(start: [Int]) { self.start = start }

  /// A random place. A patch stays inside where the volume is large enough, and covers it where it is not.
  ///
  /// - Parameters:
  ///   - size: of the volume, z, y, x.
  ///   - patch: of the patch.
  ///   - focus: a voxel that must be inside, or nil.
  package static func random(
    _ size: [Int], patch: [Int], around focus: [Int]?, _ random: inout SplitMix64
  ) -> PatchPlace {
    PatchPlace(
      start: size.indices.map { axis in
        let room = size[axis] - patch[axis]
        // A smaller volume is put in the middle.
        if room <= 0 { return room / 2 }
        guard let focus else { return Int.random(in: 0...room, using: &random) }
        let first = max(0, focus[axis] - patch[axis] + 1)
        let last = min(room, focus[axis])
        return Int.random(in: first...max(first, last), using: &random)
      })
  }
}

/// The voxel with a number among those that are not 0, in C order.
package func foregroundVoxel(
  _ number: Int, of mask: UnsafeBufferPointer<UInt8>, size: [Int]
) -> [Int]? {
  var left = number
  for index in mask.indices where mask[index] != 0 {
    if left == 0 {
      return [index / (size[1] * size[2]), index / size[2] % size[1], index % size[2]]
    }
    left -= 1
  }
  return nil
}

/// Copies a patch `[z, y, x]` out of a volume; what lies outside is `fill`.
package func copyPatch<Element: BitwiseCopyable>(
  _ volume: UnsafeBufferPointer<Element>, _ size: [Int], at place: PatchPlace, patch: [Int],
  fill: Element, to result: UnsafeMutableBufferPointer<Element>
) {
  guard let source = volume.baseAddress, let target = result.baseAddress else { return }
  result.update(repeating: fill)
  let start = place.start
  let x0 = max(0, -start[2])
  let x1 = min(patch[2], size[2] - start[2])
  if x1 <= x0 { return }
  for z in 0..<patch[0] where (0..<size[0]).contains(z + start[0]) {
    for y in 0..<patch[1] where (0..<size[1]).contains(y + start[1]) {
      let row = ((z + start[0]) * size[1] + y + start[1]) * size[2]
      (target + (z * patch[1] + y) * patch[2] + x0)
        .update(from: source + row + start[2] + x0, count: x1 - x0)
    }
  }
}
