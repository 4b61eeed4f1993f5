internal import PonsKit

/// What a plain scalar means by the core schema of YAML 1.2, the one that reads `no` as text and `0o17` as 15.
enum CoreSchema {
  static func isNull(_ text: String) -> Bool {
    ["", "~", "null", "Null", "NULL"].contains(text)
  }

  static func boolean(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  /// What YAML 1.1 took for a boolean.
  static func isFormerBoolean(_ text: String) -> Bool {
    ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
  }

  enum Number {
    case integer(Int64)
    /// Finite, with the text of an integer or of a floating-point number.
    case number(Double)
    /// `.inf`, `.nan`, or a number that no Double can hold.
    case notFinite
  }

  /// Nil when the text is no number.
  static func number(_ text: String) -> Number? {
    let bytes = Array(text.utf8)
    if let prefixed = prefixedInteger(text) { return prefixed }
    if let special = special(text) { return special }
    guard let isInteger = decimalForm(bytes) else { return nil }
    if isInteger, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text) else { return nil }
    return value.isFinite ? .number(value) : .notFinite
  }

  /// The value of a plain scalar where no schema asks for a type; nil when it is a number that JSON cannot hold.
  static func resolve(_ text: String) -> JSON? {
    if isNull(text) { return .null }
    if let value = boolean(text) { return .bool(value) }
    switch number(text) {
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .notFinite: return nil
    case nil: return .string(text)
    }
  }

  private static func special(_ text: String) -> Number? {
    let unsigned = text.hasPrefix("+") || text.hasPrefix("-") ? String(text.dropFirst()) : text
    if [".inf", ".Inf", ".INF"].contains(unsigned) { return .notFinite }
    return [".nan", ".NaN", ".NAN"].contains(text) ? .notFinite : nil
  }

  /// `0x1f` and `0o17`, without a sign.
  private static func prefixedInteger(_ text: String) -> Number? {
    let radix: Int
    if text.hasPrefix("0x") {
      radix = 16
    } else if text.hasPrefix("0o") {
      radix = 8
    } else {
      return nil
    }
    let digits = text.dropFirst(2)
    let isNumber =
      !digits.isEmpty && digits.utf8.allSatisfy { digit($0, radix: radix) != nil }
    if !isNumber { return nil }
    if let value = Int64(digits, radix: radix) { return .integer(value) }
    var value = 0.0
    for byte in digits.utf8 {
      value = value * Double(radix) + Double(digit(byte, radix: radix) ?? 0)
    }
    return value.isFinite ? .number(value) : .notFinite
  }

  private static func digit(_ byte: UInt8, radix: Int) -> Int? {
    guard let value = Character(Unicode.Scalar(byte)).hexDigitValue, value < radix else {
      return nil
    }
    return value
  }

  /// True for an integer, false for a floating-point number, nil for neither.
  private static func decimalForm(_ bytes: [UInt8]) -> Bool? {
    var index = 0
    func digits() -> Int {
      let start = index
      while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
      return index - start
    }
    func take(_ characters: UInt8...) -> Bool {
      guard index < bytes.count, characters.contains(bytes[index]) else { return false }
      index += 1
      return true
    }
    _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
    let whole = digits()
    if index == bytes.count { return whole > 0 ? true : nil }
    if take(UInt8(ascii: ".")) {
      let fraction = digits()
      if whole + fraction == 0 { return nil }
    } else if whole == 0 {
      return nil
    }
    if take(UInt8(ascii: "e"), UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
      if digits() == 0 { return nil }
    }
    return index == bytes.count ? false : nil
  }
}
