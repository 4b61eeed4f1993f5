/// An amount of memory as people write it: `1073741824`, `512M`, `2G`, `1.5GiB`. Units are powers of 1024.
package struct ByteCount: Sendable, Hashable, CustomStringConvertible {
  /// The amount.
  package var bytes: Int

  /// An amount of memory.
  package init(bytes: Int) { self.bytes = bytes }

  /// Reads an amount; nil when the text is none, or is zero or less.
  package init?(_ text: String) {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).uppercased()
    let letters = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40]
    let trimmed = unit.hasSuffix("IB") ? String(unit.dropLast(2)) : unit
    let shift = letters[trimmed] ?? letters[trimmed.hasSuffix("B") ? String(unit.dropLast()) : "?"]
    guard let shift, let value = Double(number), value.isFinite else { return nil }
    let product = value * Double(1 << shift)
    guard product >= 1, let bytes = Int(exactly: product.rounded()) else { return nil }
    self.bytes = bytes
  }

  /// `1.5 GiB`.
  package var description: String {
    var value = Double(bytes)
    var unit = "B"
    for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
      value /= 1024
      unit = next
    }
    let digits = unit == "B" || value == value.rounded() ? 0 : 1
    return "\(value.fixed(digits)) \(unit)"
  }
}
