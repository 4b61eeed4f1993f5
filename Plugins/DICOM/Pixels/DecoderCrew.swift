internal import Glibc
internal import PonsKit
internal import Synchronization

/// Threads that run jobs which might never end. The caller waits for all of them, but for no single job longer than a limit:
/// then it leaves, and the thread with the stuck job is left to itself. That thread cannot touch memory of the caller
/// any more: what a job makes is handed over through ``Handover``, which is closed then.
package final class DecoderCrew: @unchecked Sendable {
  // @unchecked: all state is behind `lock`; pthread's objects are made for sharing.
  private var lock = pthread_mutex_t()
  private var changed = pthread_cond_t()
  private var next = 0
  private var running: [Int: Double] = [:]
  private var failures: [Int: StageFailure] = [:]
  private var done = 0
  private var isClosed = false
  private let count: Int
  private let job: @Sendable (_ index: Int, _ handover: Handover) throws -> Void
  private let gate = Gate()

  /// How a job passes on what it made.
  package struct Handover: Sendable {
    fileprivate let gate: Gate

    /// Calls `body`, which may write to memory of the caller; not at all when the caller has left.
    package func callAsFunction(_ body: () throws -> Void) rethrows { try gate.pass(body) }
  }

  private init(count: Int, job: @escaping @Sendable (Int, Handover) throws -> Void) {
    self.count = count
    self.job = job
    pthread_mutex_init(&lock, nil)
    pthread_cond_init(&changed, nil)
  }

  deinit {
    pthread_mutex_destroy(&lock)
    pthread_cond_destroy(&changed)
  }

  /// Runs `job` for every index below `count`.
  ///
  /// - Parameters:
  ///   - limit: seconds that a job may take.
  ///   - progress: called ten times a second with the number of jobs that are done; what it throws ends the work.
  /// - Throws: what the job with the lowest index threw; `JobTimeout`; what `progress` threw.
  package static func run(
    _ count: Int, threads: Int, limit: Double, progress: (Int) throws -> Void,
    _ job: @escaping @Sendable (_ index: Int, _ handover: Handover) throws -> Void
  ) throws {
    let crew = DecoderCrew(count: count, job: job)
    var started = 0
    for _ in 0..<max(1, min(threads, count)) {
      var thread = pthread_t()
      let box = Unmanaged.passRetained(crew)
      if pthread_create(&thread, nil, runCrew, box.toOpaque()) == 0 {
        pthread_detach(thread)
        started += 1
      } else {
        box.release()
      }
    }
    if started == 0, count > 0 {
      throw StageFailure(.resource, code: "NO_THREADS", "no thread could be started")
    }
    try crew.wait(limit: limit, progress: progress)
  }

  /// A job that took too long.
  package struct JobTimeout: Error { package var index: Int }

  private func wait(limit: Double, progress: (Int) throws -> Void) throws {
    defer { close() }
    while true {
      pthread_mutex_lock(&lock)
      if done < count, failures.isEmpty || !running.isEmpty {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_nsec += 100_000_000
        if until.tv_nsec >= 1_000_000_000 {
          until.tv_sec += 1
          until.tv_nsec -= 1_000_000_000
        }
        pthread_cond_timedwait(&changed, &lock, &until)
      }
      let isOver = done == count || !failures.isEmpty && running.isEmpty
      let now = Self.now()
      let late = running.filter { now - $0.value > limit }.keys.min()
      let finished = done
      let failure = failures.min { $0.key < $1.key }?.value
      pthread_mutex_unlock(&lock)
      if isOver {
        if let failure { throw failure }
        return
      }
      if let late { throw JobTimeout(index: late) }
      try progress(finished)
    }
  }

  private func close() {
    pthread_mutex_lock(&lock)
    isClosed = true
    pthread_mutex_unlock(&lock)
    gate.close()
  }

  fileprivate func work() {
    while true {
      pthread_mutex_lock(&lock)
      guard next < count, failures.isEmpty, !isClosed else {
        pthread_cond_signal(&changed)
        pthread_mutex_unlock(&lock)
        return
      }
      let index = next
      next += 1
      running[index] = Self.now()
      pthread_mutex_unlock(&lock)
      var failure: StageFailure?
      do {
        try job(index, Handover(gate: gate))
      } catch let known as StageFailure {
        failure = known
      } catch {
        failure = StageFailure(.internal, "\(error)")
      }
      pthread_mutex_lock(&lock)
      running[index] = nil
      if let failure { failures[index] = failure } else { done += 1 }
      pthread_cond_signal(&changed)
      pthread_mutex_unlock(&lock)
    }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Lets any number of threads through until it is closed; closing waits for those inside.
private final class Gate: @unchecked Sendable {
  // @unchecked: the lock is made for sharing, and guards the flag.
  private var lock = pthread_rwlock_t()
  private var isOpen = true

  init() { pthread_rwlock_init(&lock, nil) }
  deinit { pthread_rwlock_destroy(&lock) }

  func pass(_ body: () throws -> Void) rethrows {
    pthread_rwlock_rdlock(&lock)
    defer { pthread_rwlock_unlock(&lock) }
    if isOpen { try body() }
  }

  func close() {
    pthread_rwlock_wrlock(&lock)
    isOpen = false
    pthread_rwlock_unlock(&lock)
  }
}

private func runCrew(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let box { Unmanaged<DecoderCrew>.fromOpaque(box).takeRetainedValue().work() }
  return nil
}
