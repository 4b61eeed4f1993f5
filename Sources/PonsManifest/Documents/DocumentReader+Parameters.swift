internal import PonsKit

extension DocumentReader {
  private static let parameterKeys = [
    "type", "items", "required", "default", "description", "minimum", "maximum", "enum", "unit",
  ]
  private static let scalarTypes = ["string", "path", "integer", "number", "boolean"]

  /// Reads one entry of `parameters:`.
  mutating func parameter(_ entry: YAMLEntry) -> ParameterDeclaration? {
    let name = entry.key
    if !checkName(name, entry.keyLocation, "a parameter") { return nil }
    guard case .mapping = entry.value.content else {
      findings.error(
        entry.value.location,
        "parameter '\(name)' must say what it is, found \(entry.value.summary)",
        hint: "write '\(name): {type: \(Self.guess(entry.value)), default: ...}'")
      return nil
    }
    let what = "parameter '\(name)'"
    let keys = entries(entry.value, what, known: Self.parameterKeys)
    guard let typeEntry = keys["type"] else {
      findings.error(
        entry.keyLocation, "\(what) has no 'type'",
        hint: "add 'type:' with one of \(Self.typeNames.joined(separator: ", "))")
      return nil
    }
    guard let type = parameterType(typeEntry.value, items: keys["items"], what) else { return nil }
    var descriptor = ParameterDescriptor(name, type)
    descriptor.summary = keys["description"].flatMap { text($0.value, "'description'") } ?? ""
    descriptor.isRequired = keys["required"].flatMap { boolean($0.value, "'required'") } ?? false
    descriptor.minimum = keys["minimum"].flatMap { finiteNumber($0.value, "'minimum'") }
    descriptor.maximum = keys["maximum"].flatMap { finiteNumber($0.value, "'maximum'") }
    descriptor.unit = keys["unit"].flatMap { text($0.value, "'unit'") }
    checkRange(descriptor, keys)
    if let entry = keys["enum"] {
      let reader = ValueReader(parameters: nil)
      let plain = ParameterDescriptor(name, type.element ?? type)
      for node in list(entry.value, "'enum'") {
        let value = reader.value(setting(node), as: plain, "'enum' of \(what)", &findings)
        if case .value(let value) = value { descriptor.allowed.append(value) }
      }
    }
    if descriptor.isRequired, let entry = keys["default"] {
      findings.error(
        entry.keyLocation, "\(what) is required and has a default, which exclude each other",
        hint: "remove 'required' or 'default'")
    }
    let written = mapping(entry.value, what).filter { $0.key != "default" && keys[$0.key] != nil }
    return ParameterDeclaration(
      descriptor: descriptor, location: entry.keyLocation, entries: written,
      value: keys["default"].map { setting($0.value) })
  }

  private static var typeNames: [String] { scalarTypes + ["list", "object"] }

  private mutating func parameterType(
    _ node: YAMLNode, items: YAMLEntry?, _ what: String
  ) -> ParameterType? {
    guard let name = text(node, "'type' of \(what)") else { return nil }
    if name != "list", let items {
      findings.error(items.keyLocation, "'items' belongs to lists; \(what) is of type \(name)")
    }
    if let scalar = Self.scalarType(name) { return scalar }
    switch name {
    case "object": return .object
    case "list":
      guard let items else {
        findings.error(
          node.location, "\(what) is a list and does not say of what",
          hint: "add 'items:' with one of \(Self.scalarTypes.joined(separator: ", "))")
        return nil
      }
      guard let itemName = text(items.value, "'items' of \(what)") else { return nil }
      if let element = Self.scalarType(itemName) { return .array(element) }
      unknownType(itemName, items.value.location, among: Self.scalarTypes)
      return nil
    default:
      unknownType(name, node.location, among: Self.typeNames)
      return nil
    }
  }

  private mutating func unknownType(
    _ name: String, _ location: SourceLocation, among names: [String]
  ) {
    let usual = ["float": "number", "double": "number", "int": "integer", "bool": "boolean"]
    let others = ["str": "string", "text": "string", "file": "path", "folder": "path"]
    let more = ["array": "list", "dict": "object", "mapping": "object", "map": "object"]
    let meant = usual[name] ?? others[name] ?? more[name]
    findings.error(
      location, "unknown type '\(YAMLNode.shortened(name))'",
      hint: meant.map { "did you mean '\($0)'?" }
        ?? Suggestion.hint(for: name, among: names, noun: "types"))
  }

  private mutating func checkRange(
    _ descriptor: ParameterDescriptor, _ keys: [String: YAMLEntry]
  ) {
    let isNumber = [.integer, .number].contains(descriptor.type.element ?? descriptor.type)
    for key in ["minimum", "maximum"] where !isNumber {
      if let entry = keys[key] {
        findings.error(
          entry.keyLocation, "'\(key)' belongs to numbers; '\(descriptor.name)' is of another type")
      }
    }
    if let minimum = descriptor.minimum, let maximum = descriptor.maximum, minimum > maximum,
      let entry = keys["minimum"]
    {
      findings.error(
        entry.value.location, "'minimum' of '\(descriptor.name)' is greater than its 'maximum'")
    }
  }

  private static func scalarType(_ name: String) -> ParameterType? {
    switch name {
    case "string": .string
    case "path": .path
    case "integer": .integer
    case "number": .number
    case "boolean": .boolean
    default: nil
    }
  }

  /// The type that somebody who wrote only a value probably meant.
  private static func guess(_ node: YAMLNode) -> String {
    guard case .scalar(let text, .plain) = node.content else {
      if case .sequence = node.content { return "list, items: string" }
      return "string"
    }
    if CoreSchema.boolean(text) != nil { return "boolean" }
    switch CoreSchema.number(text) {
    case .integer: return "integer"
    case .number: return "number"
    case .notFinite, nil: return "string"
    }
  }
}

extension ParameterType {
  /// The type of a list's elements.
  var element: ParameterType? {
    if case .array(let element) = self { return element }
    return nil
  }

  /// As messages name it.
  var title: String {
    switch self {
    case .string: "a text"
    case .path: "a path"
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "true or false"
    case .array(let element): "a list of \(element.plural)"
    case .object: "a value that JSON can hold"
    }
  }

  private var plural: String {
    switch self {
    case .string: "texts"
    case .path: "paths"
    case .integer: "integers"
    case .number: "numbers"
    case .boolean: "true or false"
    case .array: "lists"
    case .object: "values"
    }
  }
}
