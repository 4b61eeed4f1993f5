internal import Glibc

/// A condition that threads wait for while a monitor's lock is free.
final class MonitorCondition: @unchecked Sendable {
  // @unchecked: pthread's objects are made for sharing between threads.
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  func signal() { pthread_cond_signal(condition) }
  func broadcast() { pthread_cond_broadcast(condition) }

  /// Waits for a signal; the caller holds the monitor.
  func wait(_ monitor: Monitor) { pthread_cond_wait(condition, monitor.mutex) }

  /// Waits for a signal until a time of the monotonic clock; false when the time came first.
  func wait(_ monitor: Monitor, until deadline: Double) -> Bool {
    var time = timespec()
    time.tv_sec = Int(deadline)
    time.tv_nsec = Int((deadline - deadline.rounded(.down)) * 1e9)
    return pthread_cond_timedwait(condition, monitor.mutex, &time) == 0
  }
}

/// A lock with a condition that threads can wait for, as POSIX has it.
package final class Monitor: @unchecked Sendable {
  // @unchecked: pthread's objects are made for sharing between threads.
  fileprivate let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = MonitorCondition()

  package init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }
  package func unlock() { pthread_mutex_unlock(mutex) }
  package func signal() { condition.signal() }
  package func broadcast() { condition.broadcast() }

  /// Waits for a signal; the caller holds the lock.
  package func wait() { condition.wait(self) }

  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}

/// Seconds of the monotonic clock.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
