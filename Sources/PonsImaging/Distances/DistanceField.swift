internal import Glibc

/// Squared distances from the voxels of a box to the nearest target voxel in that box, one axis after the other.
///
/// Along x the nearest target is found by walking from gap to gap. Along y and z the squared distance is the lower envelope of parabolas
/// (Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, 2012), for ``lanes`` lines at a time so that memory is read
/// in whole cache lines.
struct DistanceField: Sendable {
  /// Lines that are taken out of the volume together.
  static let lanes = 16

  let targets: BitMask
  /// Voxels that are not set are the targets.
  let complement: Bool
  let box: IndexBox
  let spacing: SIMD3<Double>
  /// Voxels just outside of the box are targets, too.
  let borderIsTarget: Bool
  let threads: Int

  /// Writes a distance for every voxel of the box, `[z, y, x]`: infinite when there is no target.
  func compute(into output: UnsafeMutablePointer<Float>, squared: Bool) {
    let size = box.size
    if size.count == 0 { return }
    let isLast = (y: size.y == 1 && !borderIsTarget, z: size.z == 1 && !borderIsTarget)
    nonisolated(unsafe) let output = output
    let ramp = (0...size.x + 1).map { k in
      let distance = Double(k) * spacing.x
      return Float(distance * distance)
    }
    let alongY = ParabolaEnvelope(count: size.y, spacing: spacing.y, borderIsTarget: borderIsTarget)
    let alongZ = ParabolaEnvelope(count: size.z, spacing: spacing.z, borderIsTarget: borderIsTarget)
    Parallel.forEach(size.z, threads: threads) { z in
      let slice = output + z * size.sliceCount
      var hasTarget = borderIsTarget
      ramp.withUnsafeBufferPointer { ramp in
        for y in 0..<size.y {
          let found = alongX(y: y, z: z, ramp: ramp, into: slice + y * size.x)
          hasTarget = hasTarget || found
        }
      }
      if !isLast.y, hasTarget {
        alongY.transform(
          slice, lines: size.x, stride: size.x, takesRoot: isLast.z && !squared)
      } else if isLast.z, !squared {
        for voxel in 0..<size.sliceCount { slice[voxel] = slice[voxel].squareRoot() }
      }
    }
    if isLast.z { return }
    Parallel.forEach(size.y, threads: threads) { y in
      alongZ.transform(
        output + y * size.x, lines: size.x, stride: size.sliceCount, takesRoot: !squared)
    }
  }

  /// Squared distances along a row; whether it has a target.
  private func alongX(
    y: Int, z: Int, ramp: UnsafeBufferPointer<Float>, into output: UnsafeMutablePointer<Float>
  ) -> Bool {
    let row = targets.row(y: box.y.lowerBound + y, z: box.z.lowerBound + z)
    let flip: UInt64 = complement ? ~0 : 0
    let (first, end) = (box.x.lowerBound, box.x.upperBound)
    // The last target before x, and the first place that has no distance yet.
    var last = borderIsTarget ? first - 1 : nil as Int?
    var x = first
    while x < end {
      let next = Self.firstBit(row, from: x, below: end, flip: flip)
      let target = next < end || borderIsTarget ? next : nil
      Self.fillGap(x..<next, after: last, before: target, ramp: ramp, into: output - first)
      if next == end { break }
      let gap = Self.firstBit(row, from: next, below: end, flip: ~flip)
      for voxel in next..<gap { output[voxel - first] = 0 }
      last = gap - 1
      x = gap
    }
    return last != nil
  }

  /// The first bit that is set, or `end`.
  @inline(__always)
  private static func firstBit(
    _ row: UnsafePointer<UInt64>, from start: Int, below end: Int, flip: UInt64
  ) -> Int {
    var word = start / 64
    var bits = (row[word] ^ flip) & (~0 << UInt64(start % 64))
    while bits == 0 {
      word += 1
      if word * 64 >= end { return end }
      bits = row[word] ^ flip
    }
    return min(end, word * 64 + bits.trailingZeroBitCount)
  }

  @inline(__always)
  private static func fillGap(
    _ gap: Range<Int>, after last: Int?, before next: Int?, ramp: UnsafeBufferPointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    guard let ramp = ramp.baseAddress else { return }
    var middle = gap.upperBound
    if let next {
      middle = last.map { max(gap.lowerBound, ($0 + next) / 2 + 1) } ?? gap.lowerBound
      middle = min(middle, gap.upperBound)
      for x in middle..<gap.upperBound { output[x] = ramp[next - x] }
    }
    for x in gap.lowerBound..<middle { output[x] = last.map { ramp[x - $0] } ?? .infinity }
  }
}
