/// The parameters of a stage, written as JSON Schema (the subset of pons.h) and read back. Both directions stand here
/// together, so that they cannot drift apart.
public struct ParameterSchema: Sendable, Hashable {
  /// One a parameter, sorted by name when they were read from JSON.
  public var parameters: [ParameterDescriptor]

  /// A schema of parameters.
  public init(_ parameters: [ParameterDescriptor]) { self.parameters = parameters }
}

// MARK: - Writing

extension ParameterSchema {
  /// The schema as JSON.
  public var json: JSON {
    let properties = parameters.map { ($0.name, Self.property(of: $0)) }
    let required = parameters.filter(\.isRequired).map { JSON.string($0.name) }
    return [
      "type": "object", "required": .array(required),
      "properties": .object(Dictionary(properties, uniquingKeysWith: { first, _ in first })),
    ]
  }

  private static func property(of parameter: ParameterDescriptor) -> JSON {
    var members = members(of: parameter.type)
    if !parameter.summary.isEmpty { members["description"] = .string(parameter.summary) }
    members["default"] = parameter.defaultValue
    members["minimum"] = parameter.minimum.map(JSON.number)
    members["maximum"] = parameter.maximum.map(JSON.number)
    if !parameter.allowed.isEmpty { members["enum"] = .array(parameter.allowed) }
    members["unit"] = parameter.unit.map(JSON.string)
    if !parameter.affectsResult { members["affects_result"] = false }
    return .object(members)
  }

  private static func members(of type: ParameterType) -> [String: JSON] {
    switch type {
    case .string: ["type": "string"]
    case .path: ["type": "string", "format": "path"]
    case .integer: ["type": "integer"]
    case .number: ["type": "number"]
    case .boolean: ["type": "boolean"]
    case .object: ["type": "object"]
    case .array(let element): ["type": "array", "items": .object(members(of: element))]
    }
  }
}

// MARK: - Reading

extension ParameterSchema {
  /// Reads a schema; members that pons.h does not name are refused, so that a typing error does not lift a limit.
  ///
  /// - Throws: ``StageFailure`` of category `internal`: the author of the stage made a mistake.
  public init(reading json: JSON) throws(StageFailure) {
    guard let members = json.object, members["type"] == "object" else {
      throw Self.broken("the schema must be an object with \"type\": \"object\"")
    }
    try Self.refuse(members, beyond: ["type", "properties", "required"], in: "the schema")
    guard let properties = (members["properties"] ?? [:]).object else {
      throw Self.broken("'properties' must be an object")
    }
    guard let required = (members["required"] ?? []).array else {
      throw Self.broken("'required' must be an array of names")
    }
    let requiredNames = required.map { $0.string ?? "" }
    for name in requiredNames where properties[name] == nil {
      throw Self.broken("'required' names '\(name)', which is no property")
    }
    var parameters: [ParameterDescriptor] = []
    for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
      let parameter = try Self.parameter(
        name, property, isRequired: requiredNames.contains(name))
      parameters.append(parameter)
    }
    self.parameters = parameters
    try check()
  }

  private static let known: Set<String> = [
    "type", "description", "default", "minimum", "maximum", "enum", "items", "unit", "format",
    "affects_result",
  ]

  private static func parameter(_ name: String, _ property: JSON, isRequired: Bool)
    throws(StageFailure) -> ParameterDescriptor
  {
    guard let members = property.object else {
      throw broken("the property '\(name)' must be an object")
    }
    try refuse(members, beyond: known, in: "the property '\(name)'")
    let type = try type(of: members, name: name, depth: 0)
    return ParameterDescriptor(
      name, type, try text(members["description"], "description of '\(name)'") ?? "",
      isRequired: isRequired, defaultValue: members["default"].map(type.adapted),
      minimum: try number(members["minimum"], "minimum of '\(name)'"),
      maximum: try number(members["maximum"], "maximum of '\(name)'"),
      allowed: try list(members["enum"], "enum of '\(name)'").map(type.adapted),
      unit: try text(members["unit"], "unit of '\(name)'"),
      affectsResult: try flag(members["affects_result"], "affects_result of '\(name)'") ?? true)
  }

  private static func type(of members: [String: JSON], name: String, depth: Int)
    throws(StageFailure) -> ParameterType
  {
    if let format = members["format"], format != "path" || members["type"] != "string" {
      throw broken("the format of '\(name)' is unknown; \"path\" on strings is the only one")
    }
    switch members["type"]?.string {
    case "string": return members["format"] == nil ? .string : .path
    case "integer": return .integer
    case "number": return .number
    case "boolean": return .boolean
    case "object": return .object
    case "array":
      guard depth < 8, let items = members["items"]?.object else {
        throw broken("the array '\(name)' needs 'items' with the type of its elements")
      }
      try refuse(items, beyond: ["type", "items", "format"], in: "the items of '\(name)'")
      return .array(try type(of: items, name: name, depth: depth + 1))
    default:
      throw broken(
        "'\(name)' needs a 'type': string, integer, number, boolean, array or object")
    }
  }

  private static func refuse(_ members: [String: JSON], beyond known: Set<String>, in what: String)
    throws(StageFailure)
  {
    if let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
      throw broken("\(what) has an unknown member '\(unknown)'")
    }
  }

  private static func text(_ json: JSON?, _ what: String) throws(StageFailure) -> String? {
    guard let json else { return nil }
    guard let text = json.string else { throw broken("the \(what) must be a string") }
    return text
  }

  private static func number(_ json: JSON?, _ what: String) throws(StageFailure) -> Double? {
    guard let json else { return nil }
    guard let number = json.number else { throw broken("the \(what) must be a number") }
    return number
  }

  private static func flag(_ json: JSON?, _ what: String) throws(StageFailure) -> Bool? {
    guard let json else { return nil }
    guard let flag = json.bool else { throw broken("the \(what) must be true or false") }
    return flag
  }

  private static func list(_ json: JSON?, _ what: String) throws(StageFailure) -> [JSON] {
    guard let json else { return [] }
    guard let list = json.array, !list.isEmpty else {
      throw broken("the \(what) must be an array that is not empty")
    }
    return list
  }

  static func broken(_ message: String) -> StageFailure {
    StageFailure(.internal, code: "BAD_SCHEMA", message)
  }
}
