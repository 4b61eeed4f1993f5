internal import Glibc

/// A number as DICOM writes it: at most 16 characters (DICOM PS3.5 6.2, DS).
package struct DecimalString: Sendable, Equatable {
  package let text: String
  /// What a reader gets: near the number that was given, not always equal.
  package let value: Double

  /// Which way a number goes that needs more characters.
  package enum Rounding { case nearest, down, up }

  /// - Parameter number: finite.
  package init(_ number: Double, _ rounding: Rounding = .nearest) {
    // The shortest text that is read back as the same number, when that is short enough.
    var text = number == 0 ? "0" : number.description
    if text.hasSuffix(".0") { text.removeLast(2) }
    var digits = 17
    while text.utf8.count > 16 {
      digits -= 1
      text = Self.shortened(number, digits)
    }
    var value = Self.read(text)
    while digits > 1, rounding == .down && value > number || rounding == .up && value < number {
      // Further by one unit of the last digit; where that needs too many, by one of the digit before.
      let step = abs(number) * Self.power(-(digits - 1))
      let moved = Self.shortened(number + (rounding == .up ? step : -step), digits)
      if moved.utf8.count <= 16 {
        text = moved
        value = Self.read(text)
      }
      digits -= 1
    }
    self.text = text
    self.value = value
  }

  /// A list of numbers, separated as several values are.
  static func list(_ numbers: [Double]) -> String {
    numbers.map { Self($0).text }.joined(separator: "\\")
  }

  private static func shortened(_ number: Double, _ digits: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    _ = withVaList([Int32(digits), number]) { vsnprintf(&buffer, buffer.count, "%.*g", $0) }
    // The locale of a process that the plugin was loaded into may have a decimal comma.
    return String(String(cBuffer: buffer).map { $0 == "," ? "." : $0 })
  }

  private static func read(_ text: String) -> Double { Double(text) ?? .nan }

  private static func power(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { value, _ in exponent < 0 ? value / 10 : value * 10 }
  }
}
