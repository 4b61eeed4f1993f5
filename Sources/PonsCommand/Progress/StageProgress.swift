/// How far one stage is.
package struct StageProgress: Sendable, Hashable {
  private struct Sample: Sendable, Hashable {
    var time: Double
    var done: Int
  }

  /// Seconds over which a rate is measured: long enough to be calm, short enough that cases which came
  /// from the store at the beginning do not promise too much.
  private static let window = 20.0

  /// Name in the manifest.
  package let name: String
  /// Cases behind it.
  package private(set) var done = 0
  /// Cases it will see at least.
  package private(set) var total = 0
  /// Whether no more cases will come.
  package private(set) var isTotalFinal = false
  /// Cases of the calls that are running; an empty text when a call is for no case.
  private var calls = Set<String>()
  /// Calls that were spared.
  package private(set) var reused = 0
  /// Cases it removed.
  package private(set) var dropped = 0
  /// Calls that are running.
  package var running: Int { calls.count }
  /// Calls that failed.
  package private(set) var failed = 0
  /// What the running call last said.
  package private(set) var note = ""
  private var callFraction: Double?
  private var began: Double?
  private var ended: Double?
  private var callBegan = 0.0
  private var samples = [Sample]()

  /// A stage that nothing is known of.
  package init(name: String) { self.name = name }

  /// Whether it is neither waiting for its first case nor behind its last.
  package var isActive: Bool { began != nil && !isFinished }

  /// Whether every case is behind it.
  package var isFinished: Bool { isTotalFinal && done >= total && running == 0 }

  /// From 0 to 1: how far the only running call is, when it says so.
  package var fraction: Double? { running == 1 ? callFraction : nil }

  /// From 0 to 1: how far the stage is; nil when nobody knows.
  ///
  /// - Parameter expected: cases that may come, for as long as their number is not final.
  package func overall(expecting expected: Int = 0) -> Double? {
    if isFinished { return 1 }
    let total = isTotalFinal ? total : max(total, expected)
    guard total > 0 else { return nil }
    return min((Double(done) + (fraction ?? 0)) / Double(total), 1)
  }

  /// Seconds since the first call, until the last one.
  package func elapsed(at time: Double) -> Double? {
    began.map { max(0, (isFinished ? ended ?? time : time) - $0) }
  }

  /// Cases a second, or nil when too little has happened to say.
  package func rate(at time: Double) -> Double? {
    if isFinished {
      guard let elapsed = elapsed(at: time), elapsed > 0.05, done > 1 else { return nil }
      return Double(done) / elapsed
    }
    let cutoff = time - Self.window
    let first = samples.last { $0.time <= cutoff } ?? samples.first
    guard let first, time - first.time >= 0.5, done > first.done else { return nil }
    return Double(done - first.done) / (time - first.time)
  }

  /// Seconds that are left at this rate, or nil when nobody can know.
  package func secondsLeft(at time: Double) -> Double? {
    guard isTotalFinal, !isFinished else { return nil }
    if total - done == 1, let fraction, fraction > 0.02, time - callBegan > 2 {
      return (time - callBegan) / fraction * (1 - fraction)
    }
    guard let rate = rate(at: time) else { return nil }
    return Double(total - done) / rate
  }

  mutating func begin(_ caseKey: String, at time: Double) {
    calls.insert(caseKey)
    callBegan = time
    callFraction = nil
    note = ""
    start(at: time)
  }

  mutating func advance(_ caseKey: String, fraction: Double, note: String) {
    // A packet that was not kept is made again when it is needed: that is no call of the run.
    guard calls.contains(caseKey) else { return }
    callFraction = fraction.isFinite ? min(max(fraction, 0), 1) : nil
    self.note = note
  }

  mutating func end(_ caseKey: String, _ result: Result, at time: Double) {
    calls.remove(caseKey)
    callFraction = nil
    note = ""
    ended = time
    start(at: time)
    switch result {
    case .finished: break
    case .reused: reused += 1
    case .dropped: dropped += 1
    case .failed: failed += 1
    }
  }

  mutating func count(done: Int, total: Int, isFinal: Bool, at time: Double) {
    if done > 0 { start(at: time) }
    self.done = done
    self.total = max(total, done)
    isTotalFinal = isFinal
    ended = time
    if let last = samples.last, time - last.time < 0.25 { return }
    samples.append(Sample(time: time, done: done))
    let cutoff = time - Self.window
    while samples.count > 2, samples[1].time <= cutoff { samples.removeFirst() }
  }

  private mutating func start(at time: Double) {
    guard began == nil else { return }
    began = time
    samples = [Sample(time: time, done: done)]
  }

  /// How a call ended, as far as counting goes.
  enum Result { case finished, reused, dropped, failed }
}

extension Double {
  /// A rate for people: `12.3/s`, `4.1/min`.
  var rateText: String {
    if self >= 99.5 { return "\(fixed(0))/s" }
    if self >= 1 { return "\(fixed(1))/s" }
    return self * 60 >= 1 ? "\((self * 60).fixed(1))/min" : "\((self * 3600).fixed(1))/h"
  }
}
