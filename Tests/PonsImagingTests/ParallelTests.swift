import PonsImaging
import Synchronization
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [1, 2, 5], [0, 1, 7, 1000])
  func `every index is visited once`(threads: Int, count: Int) {
    let visits = Mutex([Int](repeating: 0, count: count))
    Parallel.forEach(count, threads: threads) { index in visits.withLock { $0[index] += 1 } }
    #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
  }

  @Test func `ranges cover everything and do not depend on threads`() {
    let ranges = Mutex<Set<Range<Int>>>([])
    Parallel.forRanges(10, grain: 4, threads: 3) { range in
      ranges.withLock { _ = $0.insert(range) }
    }
    #expect(ranges.withLock { $0 } == [0..<4, 4..<8, 8..<10])
  }
}
