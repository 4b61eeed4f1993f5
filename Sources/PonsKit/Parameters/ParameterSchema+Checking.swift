extension ParameterSchema {
  /// Checks the schema itself: unique names, defaults that fit.
  ///
  /// - Throws: ``StageFailure`` of category `internal`: the author of the stage made a mistake.
  public func check() throws(StageFailure) {
    var names: Set<String> = []
    for parameter in parameters {
      if !Self.isName(parameter.name) {
        throw Self.broken("'\(parameter.name)' is no name of a parameter; expected [a-z][a-z0-9_]*")
      }
      if !names.insert(parameter.name).inserted {
        throw Self.broken("two parameters are named '\(parameter.name)'")
      }
      if parameter.isRequired, parameter.defaultValue != nil {
        throw Self.broken("'\(parameter.name)' is required and has a default")
      }
      if let minimum = parameter.minimum, let maximum = parameter.maximum, minimum > maximum {
        throw Self.broken("the minimum of '\(parameter.name)' is greater than its maximum")
      }
      if let value = parameter.defaultValue, let problem = parameter.problem(with: value) {
        throw Self.broken("the default of '\(parameter.name)' does not fit: \(problem)")
      }
    }
  }

  /// The object with defaults filled in and every value checked. Numbers become what the schema asks for: `1` for a number
  /// is `1.0`, `2.0` for an integer is `2`. Null is the same as absent.
  ///
  /// - Throws: ``StageFailure`` of category `badParameter` that names the parameter.
  public func filled(_ json: JSON) throws(StageFailure) -> [String: JSON] {
    guard let given = json.object else {
      throw StageFailure(.badParameter, "the parameters must be an object")
    }
    for name in given.keys.sorted() where !parameters.contains(where: { $0.name == name }) {
      let known = parameters.map(\.name).sorted().joined(separator: ", ")
      throw StageFailure(
        .badParameter, code: "UNKNOWN_PARAMETER", "there is no parameter '\(name)'",
        hint: known.isEmpty ? "The stage has no parameters." : "The stage has: \(known).",
        parameter: name)
    }
    var filled: [String: JSON] = [:]
    for parameter in parameters {
      var value = given[parameter.name] ?? .null
      if value == .null { value = parameter.defaultValue ?? .null }
      if value == .null {
        if parameter.isRequired {
          throw StageFailure(
            .badParameter, code: "MISSING_PARAMETER",
            "the parameter '\(parameter.name)' is required", parameter: parameter.name)
        }
        continue
      }
      if let problem = parameter.problem(with: value) {
        throw StageFailure(
          .badParameter, "the parameter '\(parameter.name)' is \(problem)",
          parameter: parameter.name)
      }
      filled[parameter.name] = parameter.type.adapted(value)
    }
    return filled
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7a).contains(first) else { return false }
    return text.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
    }
  }
}

extension ParameterDescriptor {
  /// Why a value does not fit, as a phrase that follows "is"; nil when it fits.
  public func problem(with value: JSON) -> String? {
    if let problem = type.problem(with: value) { return problem }
    if let problem = problemOfRange(value) { return problem }
    if !allowed.isEmpty {
      let adapted = type.adapted(value)
      if !allowed.contains(where: { type.adapted($0) == adapted }) {
        let list = allowed.map(\.canonical).joined(separator: ", ")
        return "\(value.canonical), expected one of \(list)"
      }
    }
    return nil
  }

  private func problemOfRange(_ value: JSON) -> String? {
    if let elements = value.array {
      return elements.lazy.compactMap { problemOfRange($0) }.first
    }
    guard let number = value.number else { return nil }
    let unit = unit.map { " \($0)" } ?? ""
    if let minimum, number < minimum {
      return "\(value.canonical), expected at least \(JSON.number(minimum).canonical)\(unit)"
    }
    if let maximum, number > maximum {
      return "\(value.canonical), expected at most \(JSON.number(maximum).canonical)\(unit)"
    }
    return nil
  }
}

extension ParameterType {
  func problem(with value: JSON) -> String? {
    switch self {
    case .string, .path: value.string == nil ? "\(value.canonical), expected a string" : nil
    case .integer: value.integer == nil ? "\(value.canonical), expected an integer" : nil
    case .number: value.number == nil ? "\(value.canonical), expected a number" : nil
    case .boolean: value.bool == nil ? "\(value.canonical), expected true or false" : nil
    case .object: value.object == nil ? "\(value.canonical), expected an object" : nil
    case .array(let element):
      if let elements = value.array {
        elements.lazy.compactMap { element.problem(with: $0) }.first.map { "an array with \($0)" }
      } else {
        "\(value.canonical), expected an array"
      }
    }
  }

  /// The value in the form that the type has; the value must fit.
  public func adapted(_ value: JSON) -> JSON {
    switch (self, value) {
    case (.integer, .number): value.integer.map(JSON.integer) ?? value
    case (.number, .integer): value.number.map(JSON.number) ?? value
    case (.array(let element), .array(let elements)): .array(elements.map(element.adapted))
    default: value
    }
  }
}
