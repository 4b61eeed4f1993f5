/// A length of time as people write it: `90s`, `10m`, `2h`, or a number of seconds.
package struct WrittenDuration {
  package let seconds: Double

  /// Nil when it is no duration.
  package init?(_ text: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard let number = Double(digits), number >= 0, number.isFinite else { return nil }
    seconds = number * (unit ?? 1)
  }
}
