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

  private mutating func taken(_ noun: String, _ name: String, _ location: SourceLocation) {
    findings.error(
      location, "the manifest has \(noun == "output" ? "an" : "a") \(noun) '\(name)' already",
      hint: "choose another name, or change that one with 'set'")
  }
}
