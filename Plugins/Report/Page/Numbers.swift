extension Double {
  /// For people: rounded, with digits behind the point and a minus sign; a dash when there is no number.
  package func shown(_ digits: Int) -> String {
    guard isFinite else { return "–" }
    let text = rounded(to: digits)
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// For drawings: at most two digits behind the point.
  var coordinate: String {
    guard isFinite else { return "0" }
    var text = rounded(to: 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// Half away from zero; -0 is 0. Numbers beyond 10^15 are as Swift writes them.
  private func rounded(to digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let whole = (magnitude * scale).rounded()
    guard whole < 1e15 else { return description }
    let number = UInt64(whole)
    let sign = self < 0 && number > 0 ? "-" : ""
    if digits == 0 { return sign + String(number) }
    var text = String(number)
    while text.utf8.count <= digits { text = "0" + text }
    return sign + text.dropLast(digits) + "." + text.suffix(digits)
  }
}

extension Int {
  /// For people: with a word in the singular or the plural.
  func of(_ one: String, _ many: String? = nil) -> String {
    "\(self) \(self == 1 ? one : many ?? one + "s")"
  }
}
