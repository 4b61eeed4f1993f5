/// The connected components of a mask as runs: stretches of set voxels along x, in raster order, each with the label of its component.
///
/// Runs are joined in a union-find forest in which every parent comes before its children, so that a component's root is its first run and
/// labels do not depend on how the work was split (He, Chao and Suzuki, 2008, do the same with runs of pictures).
struct ComponentRuns {
  /// A stretch of set voxels of a row; `end` is exclusive.
  struct Run: BitwiseCopyable {
    var start: Int32
    var end: Int32
  }

  let size: GridSize
  /// For each row, in order of z and then y, its first run; then the number of all runs.
  private(set) var firstRun: [Int32]
  private(set) var runs: [Run] = []
  /// The component of each run, from 1.
  private(set) var labels: [Int32] = []
  /// Voxels of each component; that of component k is at k - 1.
  private(set) var sizes: [Int] = []

  /// Labels the voxels that are set, or with `complement` those that are not.
  init(
    _ mask: BitMask, complement: Bool = false, connectivity: Connectivity, threads: Int
  ) {
    size = mask.size
    firstRun = [Int32](repeating: 0, count: size.y * size.z + 1)
    if size.count == 0 { return }
    let rows = Rows(mask: mask, flip: complement ? ~0 : 0)
    let slabs = min(max(1, threads), size.z)
    let size = size

    firstRun.withUnsafeMutableBufferPointer { firstRun in
      nonisolated(unsafe) let counts = firstRun
      Parallel.forEach(size.z, threads: threads) { z in
        for row in z * size.y..<(z + 1) * size.y { counts[row + 1] = Int32(rows.runCount(row)) }
      }
    }
    var total = 0
    for row in firstRun.indices {
      total += Int(firstRun[row])
      precondition(total <= Int32.max, "a mask has no more than 2^31 - 1 runs")
      firstRun[row] = Int32(total)
    }

    var forest = [Int32](repeating: 0, count: total)
    runs = [Run](unsafeUninitializedCapacity: total) { runs, initialized in
      forest.withUnsafeMutableBufferPointer { forest in
        firstRun.withUnsafeBufferPointer { firstRun in
          let work = Joining(
            size: size, rows: rows, firstRun: firstRun, runs: runs, parents: forest,
            connectivity: connectivity)
          let start = { @Sendable (slab: Int) in size.z * slab / slabs }
          Parallel.forEach(slabs, threads: threads) { slab in
            for z in start(slab)..<start(slab + 1) {
              work.findRuns(z)
              work.joinWithin(z)
              if z > start(slab) { work.joinWithPrevious(z) }
            }
          }
          for slab in 1..<max(1, slabs) { work.joinWithPrevious(start(slab)) }
        }
      }
      initialized = total
    }

    for run in forest.indices {
      // A parent comes before its children and has its label already.
      let parent = Int(forest[run])
      if parent == run {
        sizes.append(0)
        forest[run] = Int32(sizes.count)
      } else {
        forest[run] = forest[parent]
      }
      sizes[Int(forest[run]) - 1] += Int(runs[run].end - runs[run].start)
    }
    labels = forest
  }

  /// Calls `body` for every run of a slice: the place of its first voxel, its length and its component.
  @inline(__always)
  func forEachRun(ofSlice z: Int, _ body: (_ offset: Int, _ count: Int, _ label: Int32) -> Void) {
    for row in z * size.y..<(z + 1) * size.y {
      for run in Int(firstRun[row])..<Int(firstRun[row + 1]) {
        let (start, end) = (Int(runs[run].start), Int(runs[run].end))
        body(row * size.x + start, end - start, labels[run])
      }
    }
  }
}

/// The rows of a mask, or of what it leaves out.
private struct Rows: Sendable {
  let mask: BitMask
  let flip: UInt64

  /// A word, the bit before it, and only bits that are voxels.
  @inline(__always)
  private func forEachEdge(_ row: Int, _ body: (_ word: Int, _ edges: UInt64) -> Void) {
    let words = mask.words + row * mask.rowWords
    var before: UInt64 = 0
    for word in 0..<mask.rowWords {
      var bits = words[word] ^ flip
      if word == mask.rowWords - 1 { bits &= mask.lastWord }
      let edges = bits ^ (bits << 1 | before)
      before = bits >> 63
      if edges != 0 { body(word, edges) }
    }
  }

  func runCount(_ row: Int) -> Int {
    var edgeCount = 0
    forEachEdge(row) { _, edges in edgeCount += edges.nonzeroBitCount }
    // A run that reaches the end of the last word has no edge behind it.
    return (edgeCount + 1) / 2
  }

  @inline(__always)
  func findRuns(_ row: Int, into runs: UnsafeMutablePointer<ComponentRuns.Run>) {
    var count = 0
    var isInside = false
    forEachEdge(row) { word, edges in
      var edges = edges
      while edges != 0 {
        let x = Int32(truncatingIfNeeded: word * 64 + edges.trailingZeroBitCount)
        edges &= edges &- 1
        if isInside {
          runs[count].end = x
          count += 1
        } else {
          runs[count] = ComponentRuns.Run(start: x, end: 0)
        }
        isInside.toggle()
      }
    }
    if isInside { runs[count].end = Int32(mask.size.x) }
  }
}

/// Finds runs and joins those that touch. Slices may be worked on by different threads as long as no two of them join with the same slice.
private struct Joining: @unchecked Sendable {
  // @unchecked: threads write to runs and parents of their own slices only.
  let size: GridSize
  let rows: Rows
  let firstRun: UnsafeBufferPointer<Int32>
  let runs: UnsafeMutableBufferPointer<ComponentRuns.Run>
  let parents: UnsafeMutableBufferPointer<Int32>
  let connectivity: Connectivity

  func findRuns(_ z: Int) {
    guard let base = runs.baseAddress else { return }
    for row in z * size.y..<(z + 1) * size.y {
      let first = Int(firstRun[row])
      if first == Int(firstRun[row + 1]) { continue }
      rows.findRuns(row, into: base + first)
      for run in first..<Int(firstRun[row + 1]) { parents[run] = Int32(run) }
    }
  }

  /// Rows of a slice that follow each other.
  func joinWithin(_ z: Int) {
    let reach: Int32 = connectivity == .faces ? 0 : 1
    for row in z * size.y + 1..<(z + 1) * size.y { join(row, row - 1, reach: reach) }
  }

  /// Rows of a slice with those of the slice before.
  func joinWithPrevious(_ z: Int) {
    let straight: Int32 = connectivity == .faces ? 0 : 1
    let diagonal: Int32 = connectivity == .corners ? 1 : 0
    for y in 0..<size.y {
      let row = z * size.y + y
      if firstRun[row] == firstRun[row + 1] { continue }
      join(row, row - size.y, reach: straight)
      if connectivity == .faces { continue }
      if y > 0 { join(row, row - size.y - 1, reach: diagonal) }
      if y + 1 < size.y { join(row, row - size.y + 1, reach: diagonal) }
    }
  }

  /// Joins runs of two rows that overlap, or that are next to each other when `reach` is 1.
  @inline(__always)
  private func join(_ row: Int, _ other: Int, reach: Int32) {
    var (a, b) = (Int(firstRun[row]), Int(firstRun[other]))
    let (lastA, lastB) = (Int(firstRun[row + 1]), Int(firstRun[other + 1]))
    guard let runs = runs.baseAddress else { return }
    while a < lastA, b < lastB {
      if runs[a].start < runs[b].end + reach, runs[b].start < runs[a].end + reach { join(a, b) }
      if runs[a].end < runs[b].end { a += 1 } else { b += 1 }
    }
  }

  @inline(__always)
  private func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    if a < b { parents[b] = Int32(truncatingIfNeeded: a) }
    if b < a { parents[a] = Int32(truncatingIfNeeded: b) }
  }

  @inline(__always)
  private func root(_ run: Int) -> Int {
    var run = run
    while Int(parents[run]) != run {
      parents[run] = parents[Int(parents[run])]
      run = Int(parents[run])
    }
    return run
  }
}
