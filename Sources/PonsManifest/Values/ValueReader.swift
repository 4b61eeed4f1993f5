internal import PonsKit

/// What came of reading a value.
enum Reading: Sendable, Hashable {
  case value(JSON)
  /// A reference to a parameter that has no value and needs none.
  case absent
  /// Not usable; the reason is in the findings.
  case failed

  var json: JSON? {
    if case .value(let value) = self { return value }
    return nil
  }
}

/// A parameter of the manifest after its value was read.
struct ParameterValue: Sendable {
  var declaration: ParameterDeclaration
  var reading: Reading
}

/// Gives the texts of a manifest the types that a schema asks for.
struct ValueReader: Sendable {
  /// What `${name}` can refer to; nil where references are not allowed.
  let parameters: [String: ParameterValue]?

  /// Reads a value and checks it against range and enumeration.
  ///
  /// - Parameter what: names the value in messages, `'threshold' of stage 'filter'`.
  func value(
    _ setting: Setting, as descriptor: ParameterDescriptor, _ what: String,
    _ findings: inout Findings
  ) -> Reading {
    let reading = read(setting.node, descriptor.type, setting.folder, what, &findings)
    if case .value(let value) = reading {
      if let problem = Self.violation(value, descriptor) {
        findings.error(setting.location, "\(what) \(problem.message)", hint: problem.hint)
        return .failed
      }
    }
    return reading
  }

  private func read(
    _ node: YAMLNode, _ type: ParameterType, _ folder: String, _ what: String,
    _ findings: inout Findings
  ) -> Reading {
    switch (node.content, type) {
    case (.scalar(let text, .commandLine), let type) where type != .string && type != .path:
      guard let parsed = Self.parse(commandLine: text, at: node.location, what, &findings) else {
        return .failed
      }
      return read(parsed, type, folder, what, &findings)
    case (.scalar(let text, let style), _):
      return scalar(text, style, node, type, folder, what, &findings)
    case (.sequence(let nodes), .array(let element)):
      return elements(nodes, element, folder, what, &findings)
    case (.sequence(let nodes), .object):
      return elements(nodes, .object, folder, what, &findings)
    case (.mapping(let entries), .object):
      var members: [String: JSON] = [:]
      var failed = false
      for entry in entries {
        switch read(entry.value, .object, folder, "'\(entry.key)' in \(what)", &findings) {
        case .value(let value): members[entry.key] = value
        case .absent:
          absent(entry.value, what, &findings)
          failed = true
        case .failed: failed = true
        }
      }
      return failed ? .failed : .value(.object(members))
    default:
      mismatch(node, type, what, "", &findings)
      return .failed
    }
  }

  private func elements(
    _ nodes: [YAMLNode], _ type: ParameterType, _ folder: String, _ what: String,
    _ findings: inout Findings
  ) -> Reading {
    var values: [JSON] = []
    var failed = false
    for (index, node) in nodes.enumerated() {
      switch read(node, type, folder, "element \(index + 1) of \(what)", &findings) {
      case .value(let value): values.append(value)
      case .absent:
        absent(node, what, &findings)
        failed = true
      case .failed: failed = true
      }
    }
    return failed ? .failed : .value(.array(values))
  }

  private func scalar(
    _ text: String, _ style: YAMLNode.Style, _ node: YAMLNode, _ type: ParameterType,
    _ folder: String, _ what: String, _ findings: inout Findings
  ) -> Reading {
    guard let template = Template(text) else {
      findings.error(
        node.location, "\(what) holds '${' that is no reference to a parameter",
        hint: "write ${name} for a parameter, or $${ for the characters themselves")
      return .failed
    }
    if let parameters {
      if let name = template.wholeReference {
        guard let parameter = lookUp(name, parameters, node.location, &findings) else {
          return .failed
        }
        return reference(parameter, type, node, what, &findings)
      }
    } else if !template.references.isEmpty {
      findings.error(
        node.location, "\(what) refers to a parameter, which is not allowed here",
        hint: "write the value itself, or $${ for the characters '${'")
      return .failed
    }
    guard let joined = interpolate(template, node, what, &findings) else { return .failed }
    var resolved = node
    resolved.content = .scalar(joined, style)
    if type == .path, !joined.isEmpty, !beginsWithPath(template) {
      return .value(.string(Paths.join(folder, joined)))
    }
    return typed(resolved, joined, style, type, what, &findings)
  }

  private func lookUp(
    _ name: String, _ parameters: [String: ParameterValue], _ location: SourceLocation,
    _ findings: inout Findings
  ) -> ParameterValue? {
    if let parameter = parameters[name] { return parameter }
    findings.error(
      location, "there is no parameter '\(YAMLNode.shortened(name))'",
      hint: parameters.isEmpty
        ? "declare it: 'parameters: {\(name): {type: ...}}'"
        : Suggestion.hint(for: name, among: parameters.keys.sorted(), noun: "parameters"))
    return nil
  }

  private func beginsWithPath(_ template: Template) -> Bool {
    if case .reference(let name) = template.pieces.first {
      return parameters?[name]?.declaration.descriptor.type == .path
    }
    return false
  }

  private func interpolate(
    _ template: Template, _ node: YAMLNode, _ what: String, _ findings: inout Findings
  ) -> String? {
    var text = ""
    var failed = false
    for piece in template.pieces {
      switch piece {
      case .text(let part): text += part
      case .reference(let name):
        guard let parameter = lookUp(name, parameters ?? [:], node.location, &findings) else {
          failed = true
          continue
        }
        switch parameter.reading {
        case .failed: failed = true
        case .absent:
          findings.error(
            node.location, "\(what) needs the parameter '\(name)', which has no value",
            hint: "set it with --set \(name)=..., or give it a default")
          failed = true
        case .value(let value):
          if let part = Conversion.text(value) {
            text += part
          } else {
            findings.error(
              node.location,
              "the parameter '\(name)' is \(parameter.declaration.descriptor.type.title) and cannot be part of a text"
            )
            failed = true
          }
        }
      }
    }
    return failed ? nil : text
  }

  private func reference(
    _ parameter: ParameterValue, _ type: ParameterType, _ node: YAMLNode, _ what: String,
    _ findings: inout Findings
  ) -> Reading {
    guard case .value(let value) = parameter.reading else { return parameter.reading }
    let declaration = parameter.declaration
    let from = declaration.descriptor.type
    if let converted = Conversion.value(value, from: from, to: type) {
      if type == .path, from == .string, let text = converted.string {
        return .value(.string(Paths.join(declaration.value?.folder ?? "", text)))
      }
      return .value(converted)
    }
    let isValue = Conversion.isPossible(from: from, to: type)
    findings.error(
      node.location,
      isValue
        ? "\(what) must be \(type.title), but the parameter '\(declaration.name)' is \(value.canonical)"
        : "\(what) must be \(type.title), but the parameter '\(declaration.name)' is \(from.title)",
      hint: "the parameter is declared at \(declaration.location)")
    findings.error(
      declaration.location,
      "the parameter '\(declaration.name)' is used where \(type.title) is needed, at \(node.location)"
    )
    return .failed
  }

  private func absent(_ node: YAMLNode, _ what: String, _ findings: inout Findings) {
    findings.error(
      node.location, "\(what) needs a parameter that has no value: \(node.summary)",
      hint: "give the parameter a default")
  }

  /// Reads the text after `--set name=` as YAML; all of it stands at the place of the assignment.
  static func parse(
    commandLine text: String, at location: SourceLocation, _ what: String,
    _ findings: inout Findings
  ) -> YAMLNode? {
    if text.isEmpty { return YAMLNode(content: .scalar("", .plain), location: location) }
    var inner = Findings()
    guard let node = YAMLReader.read(Array(text.utf8), file: location.file, findings: &inner),
      !inner.hasErrors
    else {
      for problem in inner.diagnostics {
        findings.error(location, "\(what): \(problem.message)", hint: problem.hint)
      }
      return nil
    }
    return node.moved(to: location)
  }
}

extension YAMLNode {
  /// The same value, all of it at one place.
  func moved(to location: SourceLocation) -> YAMLNode {
    var node = self
    node.location = location
    switch content {
    case .scalar: break
    case .sequence(let elements):
      node.content = .sequence(elements.map { $0.moved(to: location) })
    case .mapping(let entries):
      node.content = .mapping(
        entries.map {
          YAMLEntry(key: $0.key, keyLocation: location, value: $0.value.moved(to: location))
        })
    }
    return node
  }
}
