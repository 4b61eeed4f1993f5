/// The axis of a chart: from round numbers to round numbers.
package struct Axis: Sendable {
  package let low: Double
  package let high: Double
  /// Round numbers on it.
  package let ticks: [Double]
  /// Digits behind the point that the ticks need.
  package let digits: Int

  /// An axis on which both numbers are.
  package init(_ low: Double, _ high: Double) {
    // Whatever a table holds: an axis has few ticks, and none that is no number.
    let (low, high) = (max(-1e300, min(1e300, low)), max(-1e300, min(1e300, high)))
    let span = high > low ? high - low : 1
    var step = 1.0
    var digits = 0
    while step * 5 < span { step *= 10 }
    while step > span * (1 + 1e-9), digits < 9 {
      step /= 10
      if step < 0.99 { digits += 1 }
    }
    // About four ticks.
    if span / step < 2.5, digits < 9 {
      step /= 2
      digits += step == step.rounded() ? 0 : 1
    }
    let first = Int(max(-1e9, min(1e9, (low / step).rounded(.down))))
    let last = max(
      first + 1, Int(min(Double(first + 20), ((low + span) / step - 1e-9).rounded(.up))))
    self.low = Double(first) * step
    self.high = Double(last) * step
    self.digits = digits
    ticks = (first...last).map { Double($0) * step }
  }

  /// Where a number is, in percent.
  package func place(_ value: Double) -> Double {
    max(0, min(100, (value - low) / (high - low) * 100))
  }
}
