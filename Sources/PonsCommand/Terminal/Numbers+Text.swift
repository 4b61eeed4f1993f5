internal import Glibc

extension Double {
  /// The number with so many digits after the point, at most 9.
  func fixed(_ digits: Int) -> String {
    guard isFinite, magnitude < 1e15 else { return "\(self)" }
    let digits = min(max(digits, 0), 9)
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (magnitude * scale).rounded()
    guard scaled < 9e18 else { return "\(self)" }
    let whole = UInt64(scaled) / UInt64(scale)
    let sign = self < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let fraction = String(UInt64(scaled) % UInt64(scale))
    return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// Seconds as people say them: `14 ms`, `0.4 s`, `12 s`, `3:07`, `2:03:09`.
  var duration: String {
    guard isFinite, self >= 0, self < 1e9 else { return "?" }
    if self == 0 { return "0 s" }
    if self < 0.0995 { return "\(max(1, Int((self * 1000).rounded()))) ms" }
    if self < 9.95 { return "\(fixed(self == rounded() ? 0 : 1)) s" }
    let seconds = Int(rounded())
    if seconds < 60 { return "\(seconds) s" }
    func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if seconds < 3600 { return "\(seconds / 60):\(pad(seconds % 60))" }
    return "\(seconds / 3600):\(pad(seconds / 60 % 60)):\(pad(seconds % 60))"
  }
}

extension Int {
  /// `1 case`, `2 cases`.
  func counted(_ noun: String, _ plural: String? = nil) -> String {
    self == 1 ? "1 \(noun)" : "\(self) \(plural ?? noun + "s")"
  }
}

/// Seconds of a clock that never jumps.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
