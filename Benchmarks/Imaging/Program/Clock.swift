internal import Glibc

/// Milliseconds from some moment on.
enum Clock {
  /// As on the wall.
  static var wall: Double { read(CLOCK_MONOTONIC) }
  /// That this process was given, by all processors: on a busy machine it says more than the wall.
  static var processor: Double { read(CLOCK_PROCESS_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }
}
