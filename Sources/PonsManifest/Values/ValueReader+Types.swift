internal import PonsKit

extension ValueReader {
  /// Reads a scalar whose references are resolved.
  func typed(
    _ node: YAMLNode, _ text: String, _ style: YAMLNode.Style, _ type: ParameterType,
    _ what: String, _ findings: inout Findings
  ) -> Reading {
    let isPlain = style == .plain
    var hint = ""
    switch type {
    case .string:
      if !isPlain || !text.isEmpty { return .value(.string(text)) }
      hint = "write \"\" for an empty text"
    case .path:
      if !text.isEmpty { return .value(.string(text)) }
    case .boolean:
      if isPlain, let value = CoreSchema.boolean(text) { return .value(.bool(value)) }
      if isPlain, CoreSchema.isFormerBoolean(text) {
        hint = "write true or false; YAML 1.2 reads '\(text)' as a text"
      } else if CoreSchema.boolean(text) != nil {
        hint = "remove the quotes"
      }
    case .integer, .number:
      let number = CoreSchema.number(text)
      if isPlain, let value = Self.value(number, type) { return .value(value) }
      hint = Self.hint(text, number, isPlain: isPlain, type)
    case .array:
      hint = "write [\(YAMLNode.shortened(text))]"
    case .object:
      if !isPlain { return .value(.string(text)) }
      if let value = CoreSchema.resolve(text) { return .value(value) }
      hint = "put it in quotes to make it a text"
    }
    mismatch(node, type, what, hint, &findings)
    return .failed
  }

  func mismatch(
    _ node: YAMLNode, _ type: ParameterType, _ what: String, _ hint: String,
    _ findings: inout Findings
  ) {
    findings.error(
      node.location, "\(what) must be \(type.title), found \(node.summary)", hint: hint)
  }

  private static func value(_ number: CoreSchema.Number?, _ type: ParameterType) -> JSON? {
    switch (number, type) {
    case (.integer(let value), .integer): .integer(value)
    case (.integer(let value), _): .number(Double(value))
    case (.number(let value), .integer): Int64(exactly: value).map { .integer($0) }
    case (.number(let value), _): .number(value)
    case (.notFinite, _), (nil, _): nil
    }
  }

  private static func hint(
    _ text: String, _ number: CoreSchema.Number?, isPlain: Bool, _ type: ParameterType
  ) -> String {
    switch number {
    case .notFinite: return "the value must be finite and fit a 64-bit number"
    case .some where !isPlain: return "remove the quotes"
    case .number(let value) where type == .integer:
      return value == value.rounded()
        ? "integers have 64 bits: at most \(Int64.max)" : "the value must have no fraction"
    case .some: return ""
    case nil:
      if text.contains(",") {
        return "write '.' before decimals, and nothing between thousands"
      }
      let compact = text.filter { $0 != "_" && $0 != " " }
      if compact != text, CoreSchema.number(compact) != nil { return "write \(compact)" }
      return ""
    }
  }

  /// What a value violates of range and enumeration, as the rest of a sentence.
  static func violation(
    _ value: JSON, _ descriptor: ParameterDescriptor
  ) -> (message: String, hint: String)? {
    if case .array(let elements) = value, descriptor.type != .object {
      for element in elements {
        if let problem = violation(element, descriptor) { return problem }
      }
      return nil
    }
    let unit = descriptor.unit.map { " \($0)" } ?? ""
    if let number = value.number {
      if let minimum = descriptor.minimum, number < minimum {
        return (
          "is \(text(number))\(unit), less than the least value allowed, \(text(minimum))", ""
        )
      }
      if let maximum = descriptor.maximum, number > maximum {
        return (
          "is \(text(number))\(unit), greater than the greatest value allowed, \(text(maximum))", ""
        )
      }
    }
    if !descriptor.allowed.isEmpty,
      !descriptor.allowed.contains(where: { Conversion.areEqual($0, value) })
    {
      let names = descriptor.allowed.map { Conversion.text($0) ?? $0.canonical }
      let found = Conversion.text(value) ?? value.canonical
      let hint = Suggestion.nearest(to: found, among: names).map { "did you mean '\($0)'?" } ?? ""
      return (
        "is '\(YAMLNode.shortened(found))'; allowed are \(names.joined(separator: ", "))", hint
      )
    }
    return nil
  }

  /// `3` instead of `3.0`.
  static func text(_ number: Double) -> String {
    Int64(exactly: number).map { String($0) } ?? String(number)
  }
}
