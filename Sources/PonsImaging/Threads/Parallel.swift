internal import Glibc
internal import Synchronization

/// Work spread over a fixed number of threads.
public enum Parallel {
  /// Calls `body` once for every index below `count`, on up to `threads` threads, and returns when all are done. Indices are handed
  /// out one after the other, so that uneven work balances; results must not depend on the order.
  ///
  /// The calling thread takes part. A thread that cannot be started is done without.
  public static func forEach(
    _ count: Int, threads: Int, _ body: @Sendable (_ index: Int) -> Void
  ) {
    let helpers = min(threads, count) - 1
    if helpers < 1 {
      for index in 0..<max(0, count) { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let work = Work(count: count, body: body)
      var started: [pthread_t] = []
      for _ in 0..<helpers {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(work)
        if pthread_create(&thread, nil, runWork, box.toOpaque()) == 0 {
          started.append(thread)
        } else {
          box.release()
        }
      }
      work.run()
      for thread in started { pthread_join(thread, nil) }
    }
  }

  /// Splits `0..<count` into ranges of at most `grain` and calls `body` once for each, on up to `threads` threads. The ranges
  /// depend on `count` and `grain` alone, so a sum over them does not depend on the number of threads.
  public static func forRanges(
    _ count: Int, grain: Int, threads: Int, _ body: @Sendable (_ range: Range<Int>) -> Void
  ) {
    let grain = max(1, grain)
    forEach((count + grain - 1) / grain, threads: threads) {
      body($0 * grain..<min(count, ($0 + 1) * grain))
    }
  }
}

private final class Work: Sendable {
  private let next = Atomic<Int>(0)
  private let count: Int
  private let body: @Sendable (Int) -> Void

  init(count: Int, body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  func run() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      body(index)
    }
  }
}

private func runWork(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let box { Unmanaged<Work>.fromOpaque(box).takeRetainedValue().run() }
  return nil
}
