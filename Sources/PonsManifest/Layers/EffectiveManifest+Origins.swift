internal import PonsKit

/// Where the value of a stage's parameter comes from.
public struct ValueOrigin: Sendable, Hashable {
  /// Where the stage's parameter is set; nil when it has the default of the stage.
  public var origin: Origin?
  /// The parameters of the manifest that the value refers to, sorted by name.
  public var through: [Reference]

  /// A parameter of the manifest.
  public struct Reference: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Where its value comes from; nil when it has none.
    public var origin: Origin?
  }
}

extension EffectiveManifest {
  /// Where the values of a stage's parameters come from, by their names; parameters that nobody set are left out.
  ///
  /// - Parameter stage: the name under `stages:`.
  public func origins(ofStage stage: String) -> [String: ValueOrigin] {
    guard let index = document.stageIndex(stage) else { return [:] }
    var origins: [String: ValueOrigin] = [:]
    for setting in document.stages[index].with {
      var names: Set<String> = []
      setting.value.node.collectReferences(into: &names)
      origins[setting.name] = ValueOrigin(
        origin: setting.value.origin,
        through: names.sorted().map { name in
          let parameter = document.parameterIndex(name).map { document.parameters[$0] }
          return ValueOrigin.Reference(name: name, origin: parameter?.value?.origin)
        })
    }
    return origins
  }

  /// Where it is said which stage stands under a name: the manifest, or an overlay that swapped it.
  public func origin(ofUseIn stage: String) -> Origin? {
    document.stageIndex(stage).map { document.stages[$0].use.origin }
  }
}
