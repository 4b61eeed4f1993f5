extension LayerApplication {
  /// Adds parameters, stages and outputs that an overlay brings. Nothing that is there is replaced: `set` and `use` change things,
  /// and a name that is taken is an error.
  mutating func add(_ additions: ManifestDocument) {
    if document.isLocked {
      let first =
        additions.stages.first?.location ?? additions.parameters.first?.location
        ?? additions.outputs.first?.nameLocation
      if let first {
        findings.error(
          first, "nothing may be added: the manifest is locked",
          hint: "only its parameters and what it lists as overridable can be changed")
      }
      return
    }
    for parameter in additions.parameters {
      if document.parameterIndex(parameter.name) != nil {
        taken("parameter", parameter.name, parameter.location)
      } else {
        document.parameters.append(parameter)
      }
    }
    document.brokenParameters.merge(additions.brokenParameters) { old, _ in old }
    for stage in additions.stages {
      if document.stageIndex(stage.name) != nil {
        taken("stage", stage.name, stage.location)
      } else if document.stages.count >= ManifestDocument.maximumStages {
        findings.error(
          stage.location, "there are more than \(ManifestDocument.maximumStages) stages")
        return
      } else {
        document.stagePlaces[stage.name] = document.stages.count
        document.stages.append(stage)
      }
    }
    document.brokenStages.formUnion(additions.brokenStages)
    document.hasUnreadStages = document.hasUnreadStages || additions.hasUnreadStages
    for output in additions.outputs {
      if document.outputs.contains(where: { $0.name.lowercased() == output.name.lowercased() }) {
        taken("output", output.name, output.nameLocation)
      } else {
        document.outputs.append(output)
      }
    }
  }

  /// Takes stages, their inputs and outputs away. What still refers to them is an error that the checks of the whole report.
  mutating func remove(_ removals: [Removal]) {
    if document.isLocked, let first = removals.first {
      findings.error(
        first.path.location, "nothing may be removed: the manifest is locked",
        hint: "only its parameters and what it lists as overridable can be changed")
      return
    }
    for removal in removals {
      let node = removal.path
      let path = node.text ?? ""
      let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2, parts[0] == "stages", let index = document.stageIndex(parts[1]) {
        let rules = document.stages[index].overridable
        if let rule = rules.first(where: { $0.name == "use" && $0.allowed == .nothing }) {
          findings.error(
            node.location,
            "'\(path)' may not be removed: the manifest says 'overridable: {use: false}'",
            hint: "the rule is at \(rule.location)")
          continue
        }
        if !rules.isEmpty {
          requireNotes(
            removal.origin, path, node.location,
            hint: "write {path: \(path), reason: ..., by: ...} instead of the name alone")
        }
        self.removals.append(
          GraphChange(
            path: path, isRemoval: true, origin: removal.origin, isGuarded: !rules.isEmpty))
        document.stages.remove(at: index)
        document.stagePlaces = [:]
        for (place, stage) in document.stages.enumerated() {
          document.stagePlaces[stage.name] = place
        }
      } else if parts.count == 2, parts[0] == "outputs",
        let index = document.outputs.firstIndex(where: { $0.name == parts[1] })
      {
        self.removals.append(GraphChange(path: path, isRemoval: true, origin: removal.origin))
        document.outputs.remove(at: index)
      } else if case .input(let stage, let port) = EditTarget(path),
        let index = document.stageIndex(stage), let place = document.stages[index].input(port)
      {
        self.removals.append(GraphChange(path: path, isRemoval: true, origin: removal.origin))
        document.stages[index].inputs.remove(at: place)
      } else if parts.count == 2, parts[0] == "stages",
        document.hasUnreadStages || document.brokenStages.contains(parts[1])
      {
        continue
      } else {
        let known =
          document.stages.map { "stages.\($0.name)" }
          + document.outputs.map { "outputs.\($0.name)" }
        findings.error(
          node.location, "nothing in the manifest has the path '\(YAMLNode.shortened(path))'",
          hint: Suggestion.nearest(to: path, among: known).map { "did you mean '\($0)'?" }
            ?? "what can be removed are stages.STAGE, stages.STAGE.in.PORT and outputs.NAME")
      }
    }
  }

  private mutating func taken(_ noun: String, _ name: String, _ location: SourceLocation) {
    findings.error(
      location, "the manifest has \(noun == "output" ? "an" : "a") \(noun) '\(name)' already",
      hint: "choose another name, or change that one with 'set'")
  }
}
