extension DocumentReader {
  private static let stageKeys =
    ["use", "in", "with", "overridable", "ground_truth"]
    + StageDeclaration.Limit.allCases.map(\.rawValue)

  /// Reads one entry of `stages:`.
  mutating func stage(_ entry: YAMLEntry) -> StageDeclaration? {
    let what = "stage '\(entry.key)'"
    guard case .mapping = entry.value.content else {
      findings.error(
        entry.value.location, "\(what) must be a mapping, found \(entry.value.summary)",
        hint: "write '\(entry.key): {use: ...}'")
      return nil
    }
    let keys = entries(entry.value, what, known: Self.stageKeys)
    var use = YAMLNode(content: .scalar("", .plain), location: entry.keyLocation)
    if let named = keys["use"] {
      use = named.value
      if text(use, "'use' of \(what)") == nil { use.content = .scalar("", .plain) }
    } else {
      findings.error(
        entry.keyLocation, "\(what) does not say what it uses", hint: "add 'use: STAGE-ID'")
    }
    var stage = StageDeclaration(name: entry.key, location: entry.keyLocation, use: setting(use))
    for input in keys["in"].map({ mapping($0.value, "'in' of \(what)") }) ?? [] {
      if text(input.value, "input '\(YAMLNode.shortened(input.key))' of \(what)") == nil {
        stage.hasBrokenInputs = true
        continue
      }
      stage.inputs.append(
        Connection(
          name: input.key, nameLocation: input.keyLocation, reference: setting(input.value)))
    }
    if let node = keys["in"]?.value, !node.isMissing {
      if case .mapping = node.content {} else { stage.hasBrokenInputs = true }
    }
    if let node = keys["with"]?.value { stage.with = settings(node, "'with' of \(what)") }
    for rule in keys["overridable"].map({ mapping($0.value, "'overridable' of \(what)") }) ?? [] {
      if let rule = overridable(rule, what) { stage.overridable.append(rule) }
    }
    for limit in StageDeclaration.Limit.allCases {
      if let entry = keys[limit.rawValue] { stage.limits[limit] = setting(entry.value) }
    }
    if let entry = keys["ground_truth"], boolean(entry.value, "'ground_truth'") == true {
      stage.groundTruth = entry.value.location
    }
    return stage
  }

  /// The values under a `with:`.
  mutating func settings(_ node: YAMLNode, _ what: String) -> [NamedSetting] {
    mapping(node, what).map {
      NamedSetting(name: $0.key, nameLocation: $0.keyLocation, value: setting($0.value))
    }
  }

  private mutating func overridable(_ entry: YAMLEntry, _ what: String) -> OverridableRule? {
    func rule(_ allowed: OverridableRule.Allowed) -> OverridableRule {
      OverridableRule(
        name: entry.key, location: entry.keyLocation, allowed: allowed, node: entry.value)
    }
    let title = "'\(YAMLNode.shortened(entry.key))' under 'overridable' of \(what)"
    switch entry.value.content {
    case .scalar(let text, .plain):
      if let value = CoreSchema.boolean(text) { return rule(value ? .anything : .nothing) }
    case .sequence(let ends) where ends.count == 2 && entry.key != "use":
      guard let low = finiteNumber(ends[0], title), let high = finiteNumber(ends[1], title) else {
        return nil
      }
      if low > high {
        findings.error(
          entry.value.location, "\(title): the least value is greater than the greatest")
        return nil
      }
      return rule(.range(low, high))
    case .mapping where entry.key != "use":
      let keys = entries(entry.value, title, known: ["enum"])
      guard let list = keys["enum"] else { break }
      return rule(.values(self.list(list.value, title)))
    default: break
    }
    findings.error(
      entry.value.location,
      entry.key == "use"
        ? "\(title) must be true or false, found \(entry.value.summary)"
        : "\(title) must be a range [least, greatest], {enum: [...]}, true or false, found \(entry.value.summary)"
    )
    return nil
  }
}
