internal import PonsKit

/// Checks of what overlays and the command line did, now that types are known.
extension GraphBuilder {
  mutating func checkChanges() {
    for change in manifest.changes {
      switch change.target {
      case .parameter(let name):
        guard let declaration = values[name]?.declaration else { continue }
        check(
          change, as: declaration.descriptor, "parameter '\(name)'", ValueReader(parameters: nil))
      case .setting(let stage, let name):
        // An unknown parameter of the stage is reported where its settings are read, when it is still in place.
        guard let parameter = change.use.flatMap({ descriptors[$0] })?.parameter(name) else {
          continue
        }
        check(
          change, as: parameter, "'\(name)' of stage '\(stage)'", ValueReader(parameters: values))
      case .limit(let stage, let limit):
        check(
          change, as: limit.descriptor, "'\(limit.rawValue)' of stage '\(stage)'",
          ValueReader(parameters: values))
      case .input, .output:
        if let from = change.edit.from, from.node.text != change.previous?.node.text {
          mismatch(change, found: change.previous?.node.text ?? "not connected", wanted: from)
        }
      case .use: break
      }
    }
    checkEffectiveRanges()
  }

  private mutating func check(
    _ change: LayerChange, as descriptor: ParameterDescriptor, _ what: String,
    _ reader: ValueReader
  ) {
    if let from = change.edit.from {
      let wanted = reader.value(from, as: descriptor, "'from' of \(what)", &findings)
      var found = Reading.absent
      if let previous = change.previous {
        // What is wrong with it is reported where it stands.
        var ignored = Findings()
        found = reader.value(previous, as: descriptor, what, &ignored)
      } else if let value = descriptor.defaultValue {
        found = .value(Conversion.normalised(value, as: descriptor.type))
      }
      if case .value(let wanted) = wanted, found != .failed {
        let isEqual = found.json.map { Conversion.areEqual($0, wanted) } ?? false
        if !isEqual {
          let text = found.json.map { Conversion.text($0) ?? $0.canonical } ?? "not set"
          mismatch(change, found: text, wanted: from)
        }
      }
    }
    let value = reader.value(change.edit.to, as: descriptor, what, &findings)
    if let rule = change.rule, case .value(let value) = value {
      check(value, what, rule, reader, at: change.edit.to.location)
    }
  }

  private mutating func mismatch(_ change: LayerChange, found: String, wanted: Setting) {
    findings.error(
      wanted.location,
      "'\(change.edit.path)' is not \(wanted.node.summary) as this overlay expects, but '\(YAMLNode.shortened(found))'",
      hint:
        "the manifest has changed since the overlay was written: check whether 'to' is still right")
  }

  /// A range holds for what a parameter of the manifest brings in, too, when that was changed.
  private mutating func checkEffectiveRanges() {
    let reader = ValueReader(parameters: values)
    for stage in stages {
      for setting in stage.declaration.with where !setting.value.isEdit {
        guard
          let rule = stage.declaration.overridable.first(where: { $0.name == setting.name }),
          let value = stage.parameters[setting.name]
        else { continue }
        var names: Set<String> = []
        setting.value.node.collectReferences(into: &names)
        guard
          let changed = names.sorted().compactMap({ values[$0]?.declaration.value })
            .first(where: \.isEdit)
        else { continue }
        let what = "'\(setting.name)' of stage '\(stage.declaration.name)'"
        check(value, what, rule, reader, at: changed.location)
      }
    }
  }

  private mutating func check(
    _ value: JSON, _ what: String, _ rule: OverridableRule, _ reader: ValueReader,
    at location: SourceLocation
  ) {
    var descriptor = ParameterDescriptor("", .object)
    switch rule.allowed {
    case .anything: return
    case .nothing:
      findings.error(
        location,
        "\(what) may not be changed: the manifest says 'overridable: {\(rule.name): false}'",
        hint: "the rule is at \(rule.location)")
      return
    case .range(let low, let high):
      descriptor.type = .number
      (descriptor.minimum, descriptor.maximum) = (low, high)
    case .values(let nodes):
      descriptor.type = .array(.object)
      descriptor.allowed = nodes.map { $0.loose }
    }
    if let problem = ValueReader.violation(value, descriptor) {
      findings.error(
        location, "\(what) \(problem.message): outside what the manifest lets overlays choose",
        hint: "'overridable' is at \(rule.location)")
    }
  }

  /// Checks that `overridable:` names things that exist.
  mutating func checkRules(_ declaration: StageDeclaration, _ descriptor: StageDescriptor) {
    // The rules are about the stage that the manifest itself names.
    if declaration.use.isEdit { return }
    let limits = StageDeclaration.Limit.allCases.map(\.rawValue)
    let known = descriptor.parameters.map(\.name) + limits + ["use"]
    for rule in declaration.overridable {
      if !known.contains(rule.name) {
        findings.error(
          rule.location,
          "'overridable' names '\(YAMLNode.shortened(rule.name))', which '\(descriptor.id)' does not have",
          hint: Suggestion.hint(for: rule.name, among: known, noun: "overridable"))
      } else if case .range = rule.allowed, let parameter = descriptor.parameter(rule.name) {
        let type = parameter.type.element ?? parameter.type
        if type != .integer, type != .number {
          findings.error(
            rule.node.location,
            "'overridable' gives a range for '\(rule.name)', which is \(parameter.type.title)",
            hint: "write {enum: [...]} or true")
        }
      }
    }
  }
}

extension YAMLNode {
  /// The value by the core schema; texts for what JSON cannot hold.
  var loose: JSON {
    switch content {
    case .scalar(let text, .plain): CoreSchema.resolve(text) ?? .string(text)
    case .scalar(let text, _): .string(text)
    case .sequence(let elements): .array(elements.map(\.loose))
    case .mapping(let entries):
      .object(
        Dictionary(
          entries.map { ($0.key, $0.value.loose) }, uniquingKeysWith: { first, _ in first }))
    }
  }
}
