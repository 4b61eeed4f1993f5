/// Applies overlays and the command line to a manifest, one layer after the other.
struct LayerApplication {
  var document: ManifestDocument
  var findings: Findings
  var changes: [LayerChange] = []
  /// What layers took away.
  var removals: [GraphChange] = []
  /// What the layer being applied has changed already.
  private var touched: [EditTarget: SourceLocation] = [:]

  init(document: ManifestDocument, findings: Findings) {
    self.document = document
    self.findings = findings
  }

  /// Applies one layer: its swaps first, so that its edits can refer to the new stages.
  mutating func apply(swaps: [Swap], edits: [Edit]) {
    touched = [:]
    for swap in swaps { apply(swap) }
    for edit in edits { apply(edit) }
  }

  /// Applies `name=value` texts as one layer.
  mutating func apply(assignments: [String], reason: String? = nil, by: String? = nil) {
    let location = SourceLocation(file: Origin.commandLine, line: 0, column: 0)
    let origin = Origin(location, reason: reason, by: by)
    var edits: [Edit] = []
    for assignment in assignments {
      guard let sign = assignment.firstIndex(of: "="), sign != assignment.startIndex else {
        findings.error(
          location, "--set needs name=value, found '\(YAMLNode.shortened(assignment))'")
        continue
      }
      let name = String(assignment[..<sign])
      let value = String(assignment[assignment.index(after: sign)...])
      let node = YAMLNode(content: .scalar(value, .commandLine), location: location)
      edits.append(
        Edit(
          path: name.contains(".") ? name : "parameters.\(name)", pathLocation: location,
          to: Setting(node: node, folder: "", origin: origin, isEdit: true)))
    }
    apply(swaps: [], edits: edits)
  }

  /// Whether a layer may touch a target now; reports when not.
  private mutating func isFree(
    _ target: EditTarget, _ path: String, _ location: SourceLocation
  ) -> Bool {
    if let earlier = touched[target] {
      let place = location.line > 0 ? "; the first is at line \(earlier.line)" : ""
      findings.error(
        location, "'\(path)' is changed twice\(place)",
        hint: "keep one of the two, or put the second into an overlay of its own")
      return false
    }
    touched[target] = location
    return true
  }

  /// The rule about a target; reports when it may not be changed at all.
  private mutating func rule(
    _ target: EditTarget, _ path: String, _ location: SourceLocation
  ) -> (isAllowed: Bool, rule: OverridableRule?) {
    if case .parameter = target { return (true, nil) }
    let stage = target.stage.flatMap { document.stageIndex($0) }.map { document.stages[$0] }
    let rule = stage?.overridable.first { $0.name == target.ruleName }
    if let rule {
      if rule.allowed != .nothing { return (true, rule) }
      findings.error(
        location,
        "'\(path)' may not be changed: the manifest says 'overridable: {\(rule.name): false}'",
        hint: "the rule is at \(rule.location)")
      return (false, rule)
    }
    if !document.isLocked { return (true, nil) }
    let open = stage?.overridable.filter { $0.allowed != .nothing }.map(\.name) ?? []
    findings.error(
      location,
      "'\(path)' may not be changed: the manifest is locked and does not list it as overridable",
      hint: open.isEmpty
        ? "only its parameters can be set" : "overridable there: \(open.joined(separator: ", "))")
    return (false, nil)
  }

  private mutating func apply(_ swap: Swap) {
    let path = "stages.\(swap.stage).use"
    guard let index = document.stageIndex(swap.stage) else {
      findings.error(
        swap.stageLocation, "there is no stage '\(YAMLNode.shortened(swap.stage))' to swap",
        hint: Suggestion.hint(
          for: swap.stage, among: document.stages.map(\.name), noun: "stages"))
      return
    }
    let target = EditTarget.use(stage: swap.stage)
    if !isFree(target, path, swap.stageLocation) { return }
    let (isAllowed, useRule) = rule(target, path, swap.use.location)
    if !isAllowed { return }
    let isGuarded =
      isGuarded(target, useRule)
      || swap.with.contains { setting in
        document.stages[index].overridable.contains { $0.name == setting.name }
      }
    if isGuarded { requireNotes(swap.use.origin, path, swap.stageLocation) }
    let former = document.stages[index].use
    changes.append(
      LayerChange(
        target: target, edit: Edit(path: path, pathLocation: swap.stageLocation, to: swap.use),
        previous: former, use: former.node.text, rule: useRule, isGuarded: isGuarded))
    document.stages[index].use = swap.use
    document.stages[index].with = []
    for setting in swap.with {
      let edit = Edit(
        path: "stages.\(swap.stage).with.\(setting.name)", pathLocation: setting.nameLocation,
        to: setting.value)
      let inner = EditTarget.setting(stage: swap.stage, name: setting.name)
      if !isFree(inner, edit.path, edit.pathLocation) { continue }
      let rule = document.stages[index].overridable.first { $0.name == setting.name }
      if rule?.allowed == .nothing, !self.rule(inner, edit.path, edit.pathLocation).isAllowed {
        continue
      }
      document.stages[index].with.append(setting)
      changes.append(
        LayerChange(
          target: inner, edit: edit, previous: nil, use: swap.use.node.text, rule: rule,
          isGuarded: isGuarded))
    }
  }

  private mutating func apply(_ edit: Edit) {
    guard let target = EditTarget(edit.path), exists(target) else {
      unmatched(edit)
      return
    }
    if case .use = target {
      findings.error(
        edit.pathLocation, "'\(edit.path)' cannot be set",
        hint: "swap the stage in an overlay: 'use: [{stage: ..., use: ...}]'")
      return
    }
    if !isFree(target, edit.path, edit.pathLocation) { return }
    let (isAllowed, rule) = rule(target, edit.path, edit.pathLocation)
    if !isAllowed { return }
    let isGuarded = isGuarded(target, rule, edit.to.origin)
    if isGuarded { requireNotes(edit.to.origin, edit.path, edit.pathLocation) }
    let use = target.stage.flatMap { document.stageIndex($0) }.map {
      document.stages[$0].use.node.text ?? ""
    }
    let previous = replace(target, edit)
    changes.append(
      LayerChange(
        target: target, edit: edit, previous: previous, use: use, rule: rule, isGuarded: isGuarded))
  }

  private func exists(_ target: EditTarget) -> Bool {
    switch target {
    case .parameter(let name): document.parameterIndex(name) != nil
    case .output(let name): document.outputs.contains { $0.name == name }
    case .setting(let stage, _), .limit(let stage, _), .input(let stage, _), .use(let stage):
      document.stageIndex(stage) != nil
    }
  }

  /// Writes the new value and gives the former one.
  private mutating func replace(_ target: EditTarget, _ edit: Edit) -> Setting? {
    switch target {
    case .parameter(let name):
      guard let index = document.parameterIndex(name) else { return nil }
      let previous = document.parameters[index].value
      document.parameters[index].value = edit.to
      return previous
    case .output(let name):
      guard let index = document.outputs.firstIndex(where: { $0.name == name }) else { return nil }
      let previous = document.outputs[index].reference
      document.outputs[index].reference = edit.to
      return previous
    case .setting(let stage, let name):
      guard let index = document.stageIndex(stage) else { return nil }
      if let position = document.stages[index].setting(name) {
        let previous = document.stages[index].with[position].value
        document.stages[index].with[position].value = edit.to
        return previous
      }
      document.stages[index].with.append(
        NamedSetting(name: name, nameLocation: edit.pathLocation, value: edit.to))
    case .limit(let stage, let limit):
      guard let index = document.stageIndex(stage) else { return nil }
      return document.stages[index].limits.updateValue(edit.to, forKey: limit)
    case .input(let stage, let port):
      guard let index = document.stageIndex(stage) else { return nil }
      if let position = document.stages[index].input(port) {
        let previous = document.stages[index].inputs[position].reference
        document.stages[index].inputs[position].reference = edit.to
        return previous
      }
      document.stages[index].inputs.append(
        Connection(name: port, nameLocation: edit.pathLocation, reference: edit.to))
    case .use: break
    }
    return nil
  }

  private mutating func unmatched(_ edit: Edit) {
    let path = edit.path
    switch EditTarget(path) {
    case .parameter(let name) where document.brokenParameters[name] != nil: return
    case let target? where document.hasUnreadStages && target.stage != nil: return
    case let target? where document.brokenStages.contains(target.stage ?? ""): return
    default: break
    }
    if path.hasPrefix("parameters."), path.split(separator: ".").count == 2 {
      let name = String(path.dropFirst("parameters.".count))
      let names = document.parameters.map(\.name)
      let hint = Suggestion.hint(for: name, among: names, noun: "parameters")
      findings.error(
        edit.pathLocation, "the manifest has no parameter '\(YAMLNode.shortened(name))'",
        hint: hint.isEmpty ? EditTarget.forms : hint)
      return
    }
    let nearest =
      findings.givesHints ? Suggestion.nearest(to: path, among: knownPaths(like: path)) : nil
    findings.error(
      edit.pathLocation, "nothing in the manifest has the path '\(YAMLNode.shortened(path))'",
      hint: nearest.map { "did you mean '\($0)'?" } ?? EditTarget.forms)
  }

  /// Paths that exist, and for other stages those that differ from the given one in the stage's name only.
  private func knownPaths(like path: String) -> [String] {
    let rest = path.split(separator: ".", omittingEmptySubsequences: false).dropFirst(2)
    var paths = document.parameters.map { "parameters.\($0.name)" }
    for stage in document.stages {
      paths += stage.with.map { "stages.\(stage.name).with.\($0.name)" }
      paths += stage.inputs.map { "stages.\(stage.name).in.\($0.name)" }
      paths += StageDeclaration.Limit.allCases.map { "stages.\(stage.name).\($0.rawValue)" }
      if ["with", "in"].contains(rest.first ?? ""), rest.count == 2 {
        paths.append("stages.\(stage.name).\(rest.joined(separator: "."))")
      }
    }
    return paths + document.outputs.map { "outputs.\($0.name)" }
  }
}
