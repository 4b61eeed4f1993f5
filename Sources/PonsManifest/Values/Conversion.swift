internal import PonsKit

/// Passes values of manifest parameters on to parameters of stages, whose types may differ.
enum Conversion {
  /// Nil when the types do not fit, or this value does not fit the type.
  static func value(_ value: JSON, from: ParameterType, to: ParameterType) -> JSON? {
    switch (from, to) {
    case (_, .object): return value
    case (.integer, .integer), (.number, .number), (.boolean, .boolean): return value
    case (.string, .string), (.path, .path), (.string, .path), (.path, .string): return value
    case (.integer, .number): return value.number.map { .number($0) }
    case (.number, .integer): return value.integer.map { .integer($0) }
    case (.integer, .string), (.number, .string), (.boolean, .string):
      return text(value).map { .string($0) }
    case (.array(let from), .array(let to)):
      guard let elements = value.array else { return nil }
      var converted: [JSON] = []
      for element in elements {
        guard let element = Self.value(element, from: from, to: to) else { return nil }
        converted.append(element)
      }
      return .array(converted)
    default: return nil
    }
  }

  /// Whether some values of the one type fit the other.
  static func isPossible(from: ParameterType, to: ParameterType) -> Bool {
    switch (from, to) {
    case (.number, .integer): true
    case (.array(let from), .array(let to)): isPossible(from: from, to: to)
    default: false
    }
  }

  /// A scalar as text; nil for lists and mappings.
  static func text(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let value): String(value)
    case .number(let value): ValueReader.text(value)
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    case .array, .object: nil
    }
  }

  /// Equality in which `1` and `1.0` are the same.
  static func areEqual(_ left: JSON, _ right: JSON) -> Bool {
    if case .integer(let a) = left, case .integer(let b) = right { return a == b }
    if let a = left.number, let b = right.number { return a == b }
    if let a = left.array, let b = right.array {
      return a.count == b.count && a.indices.allSatisfy { areEqual(a[$0], b[$0]) }
    }
    if let a = left.object, let b = right.object {
      if a.count != b.count { return false }
      for key in a.keys {
        guard let value = a[key], let other = b[key], areEqual(value, other) else { return false }
      }
      return true
    }
    return left == right
  }

  /// A default of a descriptor, with the type that the descriptor says: `1` becomes `1.0` for a number.
  static func normalised(_ value: JSON, as type: ParameterType) -> JSON {
    switch (value, type) {
    case (.integer(let integer), .number): .number(Double(integer))
    case (.number, .integer): value.integer.map { .integer($0) } ?? value
    case (.array(let elements), .array(let element)):
      .array(elements.map { normalised($0, as: element) })
    default: value
    }
  }
}
