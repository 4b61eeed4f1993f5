internal import Glibc

/// Milliseconds of this process so far: of its processors, which other programs disturb least, when it has one thread, and of the
/// clock on the wall otherwise.
func now(threads: Int) -> Double {
  var time = timespec()
  clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

/// The least time of several runs.
func best(_ times: Int, threads: Int, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<times {
    let start = now(threads: threads)
    try body()
    best = min(best, now(threads: threads) - start)
  }
  return best
}
