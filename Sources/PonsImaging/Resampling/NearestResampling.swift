/// Nearest neighbours as floats, along any axes.
struct NearestValues: ScalarWork {
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
      for y in 0..<work.outputSize.y {
        let row = work.output + work.outputSize.index(x: 0, y: y, z: z)
        work.walk.nearest(y, z, count: work.outputSize.x) { x, place in
          row[x] = place.map { input[$0].float } ?? work.fill
        }
      }
    }
  }
}

extension RowWalk {
  /// Calls `body` for each column of an output row with the place of the nearest input voxel in memory, or with nil
  /// outside.
  @inline(__always)
  func nearest(_ y: Int, _ z: Int, count: Int, _ body: (_ x: Int, _ place: Int?) -> Void) {
    let start = start(y, z)
    let inside = inside(start, count: count)
    for x in 0..<inside.lowerBound { body(x, nil) }
    for x in inside.upperBound..<count { body(x, nil) }
    let (lastX, lastY, lastZ) = (inputSize.x - 1, inputSize.y - 1, inputSize.z - 1)
    for x in inside {
      let place = start + Double(x) * map.x + AxisTaps.half
      let i = min(max(Int(place.x), 0), lastX)
      let j = min(max(Int(place.y), 0), lastY)
      let k = min(max(Int(place.z), 0), lastZ)
      body(x, (k &* inputSize.y &+ j) &* inputSize.x &+ i)
    }
  }
}

extension Resampling {
  /// Takes the nearest voxel, bit for bit, whatever ``interpolation`` says; for labels.
  ///
  /// - Parameters:
  ///   - voxels: `[z, y, x]` of the input's size, 1, 2, 4 or 8 bytes each.
  ///   - result: `[z, y, x]` of the output's size; zero bytes outside of the input.
  ///   - elementSize: bytes of a voxel.
  ///   - threads: threads to use.
  ///   - isStopped: asked now and then; when true the rest is left undone.
  public func copyNearest(
    _ voxels: UnsafeRawBufferPointer, to result: UnsafeMutableRawBufferPointer, elementSize: Int,
    threads: Int = 1, isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    precondition(
      voxels.count == input.size.count * elementSize
        && result.count == output.size.count * elementSize, "memory fits the grids")
    let walk = RowWalk(map: map, inputSize: input.size)
    let taps = taps(.nearest, sigmas: [0, 0, 0])
    func copy<Word: FixedWidthInteger & Sendable>(_: Word.Type) {
      guard let to = result.baseAddress else { return }
      nonisolated(unsafe) let output = to.assumingMemoryBound(to: Word.self)
      guard let from = voxels.baseAddress, voxels.count > 0, isUsable else {
        return output.update(repeating: 0, count: self.output.size.count)
      }
      nonisolated(unsafe) let input = from.assumingMemoryBound(to: Word.self)
      let size = self.output.size
      Parallel.forEach(size.z, threads: threads) { z in
        if isStopped() { return }
        for y in 0..<size.y {
          let row = output + size.index(x: 0, y: y, z: z)
          if let taps {
            copyRow(input, y, z, taps, to: row)
            continue
          }
          walk.nearest(y, z, count: size.x) { x, place in
            row[x] = place.map { input[$0] } ?? 0
          }
        }
      }
    }
    switch elementSize {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    case 8: copy(UInt64.self)
    default: preconditionFailure("voxels have 1, 2, 4 or 8 bytes")
    }
  }

  /// A row of the output when the axes are parallel.
  private func copyRow<Word: FixedWidthInteger>(
    _ input: UnsafePointer<Word>, _ y: Int, _ z: Int, _ taps: [AxisTaps],
    to row: UnsafeMutablePointer<Word>
  ) {
    let count = output.size.x
    guard taps[1].inside.contains(y), taps[2].inside.contains(z) else {
      return row.update(repeating: 0, count: count)
    }
    let inside = taps[0].inside
    row.update(repeating: 0, count: inside.lowerBound)
    (row + inside.upperBound).update(repeating: 0, count: count - inside.upperBound)
    let from = input + self.input.size.index(x: 0, y: taps[1].first[y], z: taps[2].first[z])
    taps[0].first.withUnsafeBufferPointer { first in
      for x in inside { row[x] = from[first[x]] }
    }
  }
}
