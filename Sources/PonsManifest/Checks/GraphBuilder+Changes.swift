internal import PonsKit

/// Checks of what overlays and the command line did, now that types are known.
extension GraphBuilder {
  mutating func checkChanges() {
    for change in manifest.changes {
      var record = GraphChange(
        path: change.edit.path, origin: change.edit.to.origin, isGuarded: change.isGuarded)
      defer { changes.append(record) }
      switch change.target {
      case .parameter(let name):
        guard let declaration = values[name]?.declaration else { continue }
        check(
          change, as: declaration.descriptor, "parameter '\(name)'", ValueReader(parameters: nil),
          &record)
      case .setting(let stage, let name):
        // An unknown parameter of the stage is reported where its settings are read, when it is still in place.
        guard let parameter = change.use.flatMap({ descriptors[$0] })?.parameter(name) else {
          continue
        }
        check(
          change, as: parameter, "'\(name)' of stage '\(stage)'", ValueReader(parameters: values),
          &record)
      case .limit(let stage, let limit):
        check(
          change, as: limit.descriptor, "'\(limit.rawValue)' of stage '\(stage)'",
          ValueReader(parameters: values), &record)
      case .input, .output:
        (record.from, record.to) = (change.previous?.text, change.edit.to.text)
        if let from = change.edit.from, from.node.text != change.previous?.node.text {
          mismatch(change, found: change.previous?.node.text ?? "not connected", wanted: from)
        }
      case .use: (record.from, record.to) = (change.previous?.text, change.edit.to.text)
      }
    }
    changes += manifest.removals
    checkEffectiveRanges()
  }

  private mutating func check(
    _ change: LayerChange, as descriptor: ParameterDescriptor, _ what: String,
    _ reader: ValueReader, _ record: inout GraphChange
  ) {
    let isRecorded = descriptor.isRecorded(isGuarded: change.isGuarded)
    var found = Reading.absent
    if let previous = change.previous {
      // What is wrong with it is reported where it stands.
      var ignored = Findings()
      found = reader.value(previous, as: descriptor, what, &ignored)
    } else if let value = descriptor.defaultValue {
      found = .value(Conversion.normalised(value, as: descriptor.type))
    }
    if isRecorded { record.from = found.json }
    if let from = change.edit.from {
      let wanted = reader.value(from, as: descriptor, "'from' of \(what)", &findings)
      if case .value(let wanted) = wanted, found != .failed {
        // A path may be repeated as the manifest writes it, or be written as seen from the overlay.
        let isRepeated = descriptor.type == .path && from.node.text == change.previous?.node.text
        let isEqual = found.json.map { Self.areEqual($0, wanted, descriptor.type) } ?? false
        if !isEqual, !isRepeated {
          let text = found.json.map { Conversion.text($0) ?? $0.canonical } ?? "not set"
          mismatch(change, found: text, wanted: from)
        }
      }
    }
    let value = reader.value(change.edit.to, as: descriptor, what, &findings)
    if isRecorded { record.to = value.json }
    if let rule = change.rule, case .value(let value) = value {
      check(value, as: descriptor.type, what, rule, at: change.edit.to.location)
    }
  }

  private static func areEqual(_ left: JSON, _ right: JSON, _ type: ParameterType) -> Bool {
    if type == .path, let a = left.string, let b = right.string {
      return Paths.normalised(a) == Paths.normalised(b)
    }
    return Conversion.areEqual(left, right)
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
    for stage in stages {
      for setting in stage.declaration.with where !setting.value.isEdit {
        guard
          let rule = stage.declaration.overridable.first(where: { $0.name == setting.name }),
          let value = stage.parameters[setting.name],
          let type = stage.descriptor?.parameter(setting.name)?.type
        else { continue }
        var names: Set<String> = []
        setting.value.node.collectReferences(into: &names)
        guard
          let changed = names.sorted().compactMap({ values[$0]?.declaration.value })
            .first(where: \.isEdit)
        else { continue }
        let what = "'\(setting.name)' of stage '\(stage.declaration.name)'"
        check(value, as: type, what, rule, at: changed.location)
      }
    }
  }

  private mutating func check(
    _ value: JSON, as type: ParameterType, _ what: String, _ rule: OverridableRule,
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
      descriptor.allowed = nodes.compactMap { allowed($0, type, &findings).json }
    }
    if let problem = ValueReader.violation(value, descriptor) {
      findings.error(
        location, "\(what) \(problem.message): outside what the manifest lets overlays choose",
        hint: "'overridable' is at \(rule.location)")
    }
  }

  /// A value in an enumeration under `overridable:`, with the type of the parameter or of its elements.
  private func allowed(
    _ node: YAMLNode, _ type: ParameterType, _ findings: inout Findings
  ) -> Reading {
    let setting = Setting(
      node: node, folder: Paths.folder(of: manifest.file), origin: Origin(node.location))
    return ValueReader(parameters: nil).value(
      setting, as: ParameterDescriptor("", type.element ?? type), "a value under 'overridable'",
      &findings)
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
      } else if case .values(let nodes) = rule.allowed {
        let type = descriptor.parameter(rule.name)?.type ?? .integer
        for node in nodes { _ = allowed(node, type, &findings) }
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

extension Setting {
  /// What is written, for records.
  fileprivate var text: JSON? { node.text.map(JSON.string) }
}
