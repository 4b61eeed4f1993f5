/// Turns voxels into the coefficients of the cubic B-spline that goes through them, in place.
///
/// The recursive filter of Unser, Aldroubi and Eden ("B-spline signal processing: part II", 1993) along each axis,
/// with the volume mirrored at the outermost voxel centres; the same as scipy's `spline_filter(order=3,
/// mode="mirror")`.
enum BSplineCoefficients {
  private static let pole: Float = -0.267_949_192_431_122_7  // sqrt(3) - 2

  /// - Parameters:
  ///   - voxels: `[z, y, x]`.
  ///   - size: their size.
  static func filter(_ voxels: UnsafeMutablePointer<Float>, _ size: GridSize, threads: Int) {
    nonisolated(unsafe) let voxels = voxels
    Parallel.forEach(size.z, threads: threads) { z in
      let slice = voxels + z * size.sliceCount
      for y in 0..<size.y {
        filter(slice + y * size.x, count: size.x, stride: 1, lanes: 1)
      }
      filter(slice, count: size.y, stride: size.x, lanes: size.x)
    }
    Parallel.forEach(size.y, threads: threads) { y in
      filter(voxels + y * size.x, count: size.z, stride: size.sliceCount, lanes: size.x)
    }
  }

  /// Filters `lanes` neighbouring lines at once.
  private static func filter(
    _ line: UnsafeMutablePointer<Float>, count: Int, stride: Int, lanes: Int
  ) {
    if count < 2 || lanes < 1 { return }
    // The causal filter's first value is the sum over the mirrored line; the pole's powers vanish soon.
    let period = 2 * count - 2
    let horizon = min(count - 1, 32)
    let last = line + (count - 1) * stride
    for lane in 0..<lanes {
      var sum = line[lane]
      var power = pole
      for index in 1...horizon {
        let value = line[index * stride + lane]
        let mirror = index == count - 1 ? 0 : Self.power(period - index)
        sum += (power + mirror) * value
        power *= pole
      }
      line[lane] = 6 * sum / (1 - Self.power(period))
    }
    for index in 1..<count {
      let current = line + index * stride
      let before = UnsafePointer(current - stride)
      for lane in 0..<lanes { current[lane] = 6 * current[lane] + pole * before[lane] }
    }
    let before = UnsafePointer(last - stride)
    let factor = pole / (pole * pole - 1)
    for lane in 0..<lanes { last[lane] = factor * (last[lane] + pole * before[lane]) }
    for index in (0..<count - 1).reversed() {
      let current = line + index * stride
      let after = UnsafePointer(current + stride)
      for lane in 0..<lanes { current[lane] = pole * (after[lane] - current[lane]) }
    }
  }

  private static func power(_ exponent: Int) -> Float {
    if exponent > 64 { return 0 }
    var result: Float = 1
    for _ in 0..<exponent { result *= pole }
    return result
  }
}
