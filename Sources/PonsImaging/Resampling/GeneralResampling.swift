/// What resampling along any axes has in common: which voxels of an output row are inside of the input.
struct RowWalk: Sendable {
  /// Output indices to input indices.
  let map: Affine
  let inputSize: GridSize

  /// Where output voxel (0, y, z) is, as an input index.
  func start(_ y: Int, _ z: Int) -> SIMD3<Double> { map([0, Double(y), Double(z)]) }

  /// The columns of a row that are inside.
  func inside(_ start: SIMD3<Double>, count: Int) -> Range<Int> {
    var low = 0.0
    var high = Double(count)
    for axis in 0..<3 {
      let least = -0.5 - AxisTaps.slack - start[axis]
      let most = Double(inputSize[axis]) - 0.5 + AxisTaps.slack - start[axis]
      let step = map.x[axis]
      if abs(step) < 1e-12 {
        if least > 0 || most <= 0 { return 0..<0 }
        continue
      }
      let (first, last) = step > 0 ? (least / step, most / step) : (most / step, least / step)
      low = max(low, first.rounded(.up))
      high = min(high, last.rounded(.up))
    }
    return low < high ? Int(low)..<Int(high) : 0..<0
  }
}

/// Trilinear resampling along any axes.
struct LinearResampling: ScalarWork {
  let walk: RowWalk
  let outputSize: GridSize
  let output: UnsafeMutablePointer<Float>
  let fill: Float
  let threads: Int
  let isStopped: @Sendable () -> Bool

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) {
    guard let base = voxels.baseAddress else { return }
    nonisolated(unsafe) let input = base
    nonisolated(unsafe) let work = self
    Parallel.forEach(outputSize.z, threads: threads) { z in
      if work.isStopped() { return }
      for y in 0..<work.outputSize.y { work.row(input, y, z) }
    }
  }

  private func row<S: Scalar>(_ input: UnsafePointer<S>, _ y: Int, _ z: Int) {
    let size = walk.inputSize
    let start = walk.start(y, z)
    let inside = walk.inside(start, count: outputSize.x)
    let output = output + outputSize.index(x: 0, y: y, z: z)
    output.update(repeating: fill, count: inside.lowerBound)
    (output + inside.upperBound).update(repeating: fill, count: outputSize.x - inside.upperBound)
    let step = walk.map.x
    let (lastX, lastY, lastZ) = (size.x - 1, size.y - 1, size.z - 1)
    for x in inside {
      let place = start + Double(x) * step
      // Never below -1, so that cutting off the fraction of place + 1 rounds down.
      let (i, j, k) = (Int(place.x + 1) &- 1, Int(place.y + 1) &- 1, Int(place.z + 1) &- 1)
      let u = Float(place.x - Double(i))
      let v = Float(place.y - Double(j))
      let w = Float(place.z - Double(k))
      let x0 = min(max(i, 0), lastX)
      let dx = min(max(i &+ 1, 0), lastX) &- x0
      let y0 = min(max(j, 0), lastY)
      let dy = (min(max(j &+ 1, 0), lastY) &- y0) &* size.x
      let z0 = min(max(k, 0), lastZ)
      let dz = (min(max(k &+ 1, 0), lastZ) &- z0) &* size.sliceCount
      let p = input + ((z0 &* size.y &+ y0) &* size.x &+ x0)
      func mixed(_ p: UnsafePointer<S>) -> Float {
        let a = p[0].float
        return a + u * (p[dx].float - a)
      }
      func mixedRows(_ p: UnsafePointer<S>) -> Float {
        let a = mixed(p)
        return a + v * (mixed(p + dy) - a)
      }
      let a = mixedRows(p)
      output[x] = a + w * (mixedRows(p + dz) - a)
    }
  }
}

/// Tricubic resampling of B-spline coefficients along any axes.
struct CubicResampling: Sendable {
  let walk: RowWalk
  let outputSize: GridSize
  nonisolated(unsafe) let coefficients: UnsafePointer<Float>
  nonisolated(unsafe) let output: UnsafeMutablePointer<Float>
  let fill: Float
  let threads: Int
  let isStopped: @Sendable () -> Bool

  func run() {
    Parallel.forEach(outputSize.z, threads: threads) { z in
      if isStopped() { return }
      for y in 0..<outputSize.y { row(y, z) }
    }
  }

  private func row(_ y: Int, _ z: Int) {
    let size = walk.inputSize
    let start = walk.start(y, z)
    let inside = walk.inside(start, count: outputSize.x)
    let output = output + outputSize.index(x: 0, y: y, z: z)
    output.update(repeating: fill, count: inside.lowerBound)
    (output + inside.upperBound).update(repeating: fill, count: outputSize.x - inside.upperBound)
    for x in inside {
      let place = start + Double(x) * walk.map.x
      let (columns, u) = Self.taps(place.x, size.x)
      let (rows, v) = Self.taps(place.y, size.y)
      let (slices, w) = Self.taps(place.z, size.z)
      var sum: Float = 0
      for k in 0..<4 {
        for j in 0..<4 {
          let row = coefficients + (slices[k] &* size.y &+ rows[j]) &* size.x
          let values = SIMD4(row[columns[0]], row[columns[1]], row[columns[2]], row[columns[3]])
          sum += w[k] * v[j] * (u * values).sum()
        }
      }
      output[x] = sum
    }
  }

  /// Four neighbours of a place along one axis, and their weights.
  @inline(__always)
  private static func taps(_ place: Double, _ extent: Int) -> (SIMD4<Int>, SIMD4<Float>) {
    let index = Int(place + 1) &- 1
    let t = Float(place - Double(index))
    let s = 1 - t
    let weights = SIMD4<Float>(
      s * s * s, 4 - 6 * t * t + 3 * t * t * t, 4 - 6 * s * s + 3 * s * s * s, t * t * t)
    var indices = SIMD4<Int>(index &- 1, index, index &+ 1, index &+ 2)
    if indices[0] < 0 || indices[3] >= extent {
      for tap in 0..<4 { indices[tap] = AxisTaps.mirrored(indices[tap], extent) }
    }
    return (indices, weights / 6)
  }
}
