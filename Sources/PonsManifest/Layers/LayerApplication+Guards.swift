/// Values that the manifest guards: whoever changes one says why, and who that is.
extension LayerApplication {
  /// Whether a manifest guards what a change is about.
  ///
  /// What `overridable` names is guarded, and everything in a locked manifest but its parameters. A parameter that brings a guarded
  /// value in is guarded in overlays, which last; on the command line it is what the manifest leaves to each run.
  func isGuarded(
    _ target: EditTarget, _ rule: OverridableRule?, _ origin: Origin? = nil
  ) -> Bool {
    guard case .parameter(let name) = target else { return rule != nil || document.isLocked }
    if origin?.location.file == Origin.commandLine { return false }
    return document.stages.contains { stage in
      stage.with.contains { setting in
        guard stage.overridable.contains(where: { $0.name == setting.name }) else { return false }
        var references: Set<String> = []
        setting.value.node.collectReferences(into: &references)
        return references.contains(name)
      }
    }
  }

  /// Reports a change of a guarded value that does not say why and by whom.
  mutating func requireNotes(
    _ origin: Origin, _ path: String, _ location: SourceLocation, hint: String? = nil
  ) {
    let missing = origin.missingNotes
    if missing.isEmpty { return }
    let isTyped = origin.location.file == Origin.commandLine
    let additions = missing.map { name in
      isTyped ? (name == "by" ? "--by NAME" : "--reason TEXT") : "'\(name): ...'"
    }
    findings.error(
      location,
      "the manifest guards '\(path)', and this change has no \(missing.joined(separator: " and no "))",
      hint: hint ?? "add \(additions.joined(separator: " and "))")
  }
}
