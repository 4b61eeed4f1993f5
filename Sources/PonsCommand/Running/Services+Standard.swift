internal import PonsEngine
internal import PonsHost

extension Services {
  /// The host finds the stages, the engine runs them.
  package static let standard = Services(
    catalogue: { request, _ in StageCatalogue(PluginRegistry(request)) },
    makeRun: { Run($0, observer: $1) },
    interruption: { Interruption.handle(first: $0, second: $1) })
}

extension Run: RunningGraph {}

extension PluginRegistry {
  /// Finds all plugins in the usual places, and where the request says.
  fileprivate convenience init(_ request: CatalogueRequest) {
    let named = request.folders + request.named
    self.init(
      searchPath: request.isExclusive
        ? PluginSearchPath(only: named) : PluginSearchPath(manifest: named))
  }
}

extension StageCatalogue {
  /// What the host has found.
  fileprivate init(_ registry: PluginRegistry) {
    let entries = registry.plugins.flatMap { plugin in
      plugin.descriptor.stages.map {
        Entry(
          descriptor: $0, plugin: plugin.descriptor.name, version: plugin.descriptor.version,
          file: plugin.path)
      }
    }
    let problems = registry.problems.map { Problem(file: $0.path, message: $0.message) }
    self.init(
      entries: entries, problems: problems,
      libraries: { file in
        registry.libraries(of: file).mapError { Problem(file: file, message: $0.message) }
      },
      provider: { try registry.placeable(for: $0) })
  }
}
