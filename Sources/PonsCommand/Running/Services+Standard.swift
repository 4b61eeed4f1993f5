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
    let path =
      request.isExclusive ? PluginSearchPath(only: named) : PluginSearchPath(manifest: named)
    guard let lock = request.lock else {
      self.init(searchPath: path)
      return
    }
    self.init(
      searchPath: path,
      scanner: .standard(trust: PluginTrust.site.narrowed(to: lock.digests, name: "the lock")),
      fileNames: lock.names)
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
    let problems = registry.problems.map {
      Problem(
        file: $0.path, message: $0.message, isRefused: $0.code == PluginFault.notAllowed)
    }
    self.init(
      entries: entries, problems: problems,
      libraries: { file in
        registry.libraries(of: file).mapError { Problem(file: file, message: $0.message) }
      },
      digests: { file in
        (
          try registry.digest(of: file),
          try registry.librariesBeside(file).mapValues { try SHA256.digest(file: $0) }
        )
      },
      provider: { try registry.placeable(for: $0) })
  }
}
