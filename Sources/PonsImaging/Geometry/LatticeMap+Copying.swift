internal import Glibc

extension LatticeMap {
  /// Fills a volume with the voxels that a map takes from another: reorients, crops and pads in one go, and copies
  /// bit for bit.
  ///
  /// - Parameters:
  ///   - input: `[z, y, x]` voxels of any type of 1, 2, 4 or 8 bytes.
  ///   - inputSize: its size.
  ///   - output: room for the voxels of `outputSize`; must not overlap the input.
  ///   - outputSize: its size.
  ///   - elementSize: bytes of a voxel.
  ///   - threads: threads to use.
  /// Voxels that have no input become zero bytes: the value 0 of every type.
  public func copy(
    _ input: UnsafeRawBufferPointer, _ inputSize: GridSize,
    to output: UnsafeMutableRawBufferPointer, _ outputSize: GridSize, elementSize: Int,
    threads: Int = 1
  ) {
    precondition(
      input.count == inputSize.count * elementSize
        && output.count == outputSize.count * elementSize, "memory fits the sizes")
    func copy<Word: FixedWidthInteger & Sendable>(_: Word.Type) {
      guard let from = input.baseAddress, let to = output.baseAddress else {
        if let to = output.baseAddress { memset(to, 0, output.count) }
        return
      }
      LatticeCopy<Word>(
        self, from.assumingMemoryBound(to: Word.self), inputSize,
        to.assumingMemoryBound(to: Word.self), outputSize
      ).run(threads: threads)
    }
    switch elementSize {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    case 8: copy(UInt64.self)
    default: preconditionFailure("voxels have 1, 2, 4 or 8 bytes")
    }
  }
}

private struct LatticeCopy<Word: FixedWidthInteger & Sendable>: @unchecked Sendable {
  // @unchecked: threads write to different slices.
  private let input: UnsafePointer<Word>
  private let output: UnsafeMutablePointer<Word>
  private let size: GridSize
  /// What a step along an output axis moves in the input.
  private let strides: [Int]
  /// Place of output voxel (0, 0, 0) in the input.
  private let start: Int
  /// Along each output axis, the indices that have an input.
  private let inside: [Range<Int>]

  init(
    _ map: LatticeMap, _ input: UnsafePointer<Word>, _ inputSize: GridSize,
    _ output: UnsafeMutablePointer<Word>, _ outputSize: GridSize
  ) {
    self.input = input
    self.output = output
    size = outputSize
    let inputStrides = [1, inputSize.x, inputSize.sliceCount]
    strides = (0..<3).map { map.steps[$0] * inputStrides[map.axes[$0]] }
    start = zip(map.offset, inputStrides).reduce(0) { $0 + $1.0 * $1.1 }
    inside = (0..<3).map { axis in
      let extent = inputSize[map.axes[axis]]
      let offset = map.offset[map.axes[axis]]
      // 0 <= offset + step * index < extent
      let low = map.steps[axis] > 0 ? -offset : offset - extent + 1
      let high = map.steps[axis] > 0 ? extent - offset : offset + 1
      let first = min(max(0, low), outputSize[axis])
      return first..<max(first, min(high, outputSize[axis]))
    }
  }

  func run(threads: Int) {
    if abs(strides[0]) == 1 || abs(strides[2]) == 1 {
      // Blocks of slices where the input runs along z: a slice at a time would read each line of the cache once a
      // slice.
      let block = abs(strides[0]) == 1 ? 1 : 16
      Parallel.forRanges(size.z, grain: block, threads: threads) { range in
        for z in range { clear(z) }
        let range = range.clamped(to: inside[2])
        if abs(strides[0]) == 1 {
          for z in range { copyRows(z) }
        } else {
          for y in inside[1] { transpose(at: y * size.x, y * strides[1], along: 2, range) }
        }
      }
    } else {
      Parallel.forEach(size.z, threads: threads) { z in
        clear(z)
        if inside[2].contains(z) {
          transpose(at: z * size.sliceCount, z * strides[2], along: 1, inside[1])
        }
      }
    }
  }

  /// Zeros where there is no input.
  private func clear(_ z: Int) {
    let slice = output + z * size.sliceCount
    if !inside[2].contains(z) || inside[1].isEmpty || inside[0].isEmpty {
      return slice.update(repeating: 0, count: size.sliceCount)
    }
    if inside[0] == 0..<size.x && inside[1] == 0..<size.y { return }
    for y in 0..<size.y {
      let row = slice + y * size.x
      if !inside[1].contains(y) {
        row.update(repeating: 0, count: size.x)
      } else {
        row.update(repeating: 0, count: inside[0].lowerBound)
        (row + inside[0].upperBound).update(repeating: 0, count: size.x - inside[0].upperBound)
      }
    }
  }

  private func copyRows(_ z: Int) {
    let columns = inside[0]
    if columns.isEmpty { return }
    for y in inside[1] {
      let to = output + size.index(x: columns.lowerBound, y: y, z: z)
      let from =
        input + start + z * strides[2] + y * strides[1] + columns.lowerBound * strides[0]
      if strides[0] == 1 {
        to.update(from: from, count: columns.count)
      } else {
        for x in 0..<columns.count { to[x] = from[-x] }
      }
    }
  }

  /// Exchanges x with the axis along which the input is contiguous, tile by tile, so that both sides stay in the cache.
  private func transpose(at place: Int, _ from: Int, along axis: Int, _ range: Range<Int>) {
    let tile = 16
    let outputStride = axis == 1 ? size.x : size.sliceCount
    let columns = inside[0]
    for low in stride(from: range.lowerBound, to: range.upperBound, by: tile) {
      let high = min(low + tile, range.upperBound)
      for left in stride(from: columns.lowerBound, to: columns.upperBound, by: tile) {
        let right = min(left + tile, columns.upperBound)
        for index in low..<high {
          let to = output + place + index * outputStride
          let from = input + start + from + index * strides[axis]
          for x in left..<right { to[x] = from[x &* strides[0]] }
        }
      }
    }
  }
}
