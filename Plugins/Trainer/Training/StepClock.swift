internal import Glibc

/// Tells how training goes: a smoothed loss, and how long it will take.
struct StepClock {
  private let total: Int
  /// Steps so far, and those of them that were taken before this clock was started.
  private var steps: Int
  private let before: Int
  private var started = StepClock.now()
  private var told = StepClock.now()
  /// Exponential mean of the losses, the last ten counting most.
  private(set) var smooth: Double

  /// - Parameters:
  ///   - steps: taken in an earlier call.
  ///   - smooth: the mean at that time.
  init(total: Int, after steps: Int = 0, smooth: Double = 0) {
    self.total = total
    self.steps = steps
    self.smooth = smooth
    before = steps
  }

  /// Counts a step. Answers the smoothed loss when it is time to tell somebody: at the end, and ten times a second.
  mutating func tick(_ loss: Double) -> Double? {
    smooth = steps == 0 ? loss : 0.9 * smooth + 0.1 * loss
    steps += 1
    let now = Self.now()
    if steps < total, now - told < 0.1 { return nil }
    told = now
    return smooth
  }

  /// `step 12 of 200, loss 0.312, 41 s left`.
  func note(_ loss: Double) -> String {
    let left = (Self.now() - started) / Double(max(1, steps - before)) * Double(total - steps)
    let time = left < 100 ? "\(Int(left.rounded(.up))) s" : "\(Int((left / 60).rounded(.up))) min"
    return "step \(steps) of \(total), loss \((loss * 1000).rounded() / 1000), \(time) left"
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
