/// Resampling along x, then y, then z, for grids whose axes are parallel.
///
/// Slices go through one at a time: each is resampled in its plane once, and the last few such planes are kept, so
/// that no volume is made in between.
struct SeparableResampling: ScalarWork {
  /// Taps along x, y, z.
  let taps: [AxisTaps]
  let inputSize: GridSize
  let outputSize: GridSize
  let output: UnsafeMutablePointer<Float>
  let fill: Float
  let threads: Int
  let isStopped: @Sendable () -> Bool

  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) {
    guard let base = voxels.baseAddress else { return }
    nonisolated(unsafe) let input = base
    nonisolated(unsafe) let whole = self
    // Every run of slices begins with planes of its own, so there are only as many as threads need.
    let runs = threads == 1 ? 1 : 2 * threads
    let grain = max((outputSize.z + runs - 1) / runs, 1)
    Parallel.forRanges(outputSize.z, grain: grain, threads: threads) { slices in
      SliceRun(whole, input).make(slices)
    }
  }
}

/// A run of output slices, made by one thread.
private struct SliceRun<S: Scalar>: ~Copyable {
  private let work: SeparableResampling
  private let input: UnsafePointer<S>
  /// An input slice, resampled along x.
  private let rows: UnsafeMutablePointer<Float>
  /// Input slices, resampled along x and y; slice z is at z modulo their number.
  private let planes: UnsafeMutablePointer<Float>
  private var held: [Int]
  private let planeCount: Int

  init(_ work: SeparableResampling, _ input: UnsafePointer<S>) {
    self.work = work
    self.input = input
    planeCount = work.outputSize.sliceCount
    rows = .allocate(capacity: max(1, work.outputSize.x * work.inputSize.y))
    planes = .allocate(capacity: max(1, planeCount * work.taps[2].width))
    held = Array(repeating: -1, count: work.taps[2].width)
  }

  deinit {
    rows.deallocate()
    planes.deallocate()
  }

  consuming func make(_ slices: Range<Int>) {
    let size = work.outputSize
    let (x, y, z) = (work.taps[0].inside, work.taps[1].inside, work.taps[2])
    for slice in slices {
      if work.isStopped() { return }
      let output = work.output + slice * planeCount
      if x.isEmpty || y.isEmpty || !z.inside.contains(slice) {
        output.update(repeating: work.fill, count: planeCount)
        continue
      }
      if x != 0..<size.x || y != 0..<size.y {
        output.update(repeating: work.fill, count: planeCount)
      }
      let first = z.first[slice]
      for tap in 0..<z.width where z.weights[slice * z.width + tap] != 0 { hold(first + tap) }
      z.weights.withUnsafeBufferPointer { weights in
        for row in y {
          let place = row * size.x + x.lowerBound
          combine(
            { planes + (first + $0) % held.count * planeCount + place },
            weights, slice * z.width, z.width, to: output + place, count: x.count)
        }
      }
    }
  }

  /// Makes the plane of an input slice, unless it is there.
  private mutating func hold(_ slice: Int) {
    let slot = slice % held.count
    if held[slot] == slice { return }
    held[slot] = slice
    let (x, y) = (work.taps[0], work.taps[1])
    let width = work.outputSize.x
    for row in 0..<work.inputSize.y {
      resampleRow(
        input + (slice * work.inputSize.y + row) * work.inputSize.x, to: rows + row * width)
    }
    let plane = planes + slot * planeCount
    let place = x.inside.lowerBound
    y.weights.withUnsafeBufferPointer { weights in
      for row in y.inside {
        combine(
          { rows + (y.first[row] + $0) * width + place },
          weights, row * y.width, y.width, to: plane + row * width + place, count: x.inside.count)
      }
    }
  }

  private func resampleRow(_ input: UnsafePointer<S>, to output: UnsafeMutablePointer<Float>) {
    let taps = work.taps[0]
    if taps.isIdentity {
      for x in taps.inside { output[x] = input[x].float }
      return
    }
    taps.first.withUnsafeBufferPointer { first in
      taps.weights.withUnsafeBufferPointer { weights in
        guard let first = first.baseAddress, let weights = weights.baseAddress else { return }
        if taps.width == 1 {
          for x in taps.inside { output[x] = weights[x] * input[first[x]].float }
          return
        }
        if taps.width == 2 {
          for x in taps.inside {
            let from = input + first[x]
            output[x] = weights[2 &* x] * from[0].float + weights[2 &* x &+ 1] * from[1].float
          }
          return
        }
        for x in taps.inside {
          let from = input + first[x]
          let weights = weights + x &* taps.width
          var sum: Float = 0
          for tap in 0..<taps.width { sum += weights[tap] * from[tap].float }
          output[x] = sum
        }
      }
    }
  }
}

/// A weighted sum of rows. Rows of weight 0 are not looked at: they need not be there, and NaN in them does not count.
@inline(__always)
private func combine(
  _ row: (Int) -> UnsafeMutablePointer<Float>, _ weights: UnsafeBufferPointer<Float>,
  _ start: Int, _ width: Int, to output: UnsafeMutablePointer<Float>, count: Int
) {
  var isFirst = true
  var tap = 0
  while tap < width {
    let weight = weights[start + tap]
    if weight == 0 {
      tap += 1
      continue
    }
    let a = UnsafePointer(row(tap))
    let hasNext = tap + 1 < width && weights[start + tap + 1] != 0
    if isFirst, hasNext {
      let next = weights[start + tap + 1]
      let b = UnsafePointer(row(tap + 1))
      for x in 0..<count { output[x] = weight * a[x] + next * b[x] }
      tap += 1
    } else if isFirst {
      for x in 0..<count { output[x] = weight * a[x] }
    } else {
      for x in 0..<count { output[x] += weight * a[x] }
    }
    isFirst = false
    tap += 1
  }
}
