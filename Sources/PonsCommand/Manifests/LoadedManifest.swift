internal import Glibc
internal import PonsEngine
internal import PonsKit
internal import PonsManifest
internal import Synchronization

/// A manifest with everything that the command line adds to it, and the stages it can use.
struct LoadedManifest {
  /// The manifest as the user named it.
  let name: String
  let effective: EffectiveManifest
  let catalogue: StageCatalogue
  /// Every file that was read for it, with its SHA-256: the manifest first, then bases and overlays.
  let files: [(path: String, digest: String)]

  /// Reads the manifest and its overlays, then looks for the stages.
  init(_ invocation: Invocation, _ context: CommandContext) throws {
    let typed = invocation.operands.first ?? ""
    name = try ShippedManifests(executable: context.executable).resolve(typed)
    let read = Mutex<[(path: String, digest: String)]>([])
    effective = try EffectiveManifest(
      ManifestRequest(
        manifest: name, overlays: invocation.list("overlay"), assignments: invocation.list("set"),
        readFile: { path in
          let bytes = try FilePaths.read(path)
          var hash = SHA256()
          bytes.withUnsafeBytes { hash.update($0) }
          let digest = try hash.finish()
          read.withLock { $0.append((path, digest)) }
          return bytes
        }))
    files = read.withLock { $0 }
    catalogue = try context.services.catalogue(
      CatalogueRequest(
        folders: invocation.list("plugins"), named: effective.plugins.map(\.path)), context)
  }

  /// The checked graph.
  ///
  /// - Throws: ``ManifestErrors``; before that, plugins that cannot be used are shown, because they may be the reason.
  func graph(requiringValues: Bool = true, console: Console) throws -> Graph {
    console.warn(about: catalogue.problems)
    return try effective.graph(
      stages: catalogue.descriptors, requiringValues: requiringValues)
  }

  /// What runs the stages of a graph; loads their plugins.
  func providers(for graph: Graph) throws -> [String: any StageProvider] {
    let ids = Set(graph.stages.map(\.descriptor.id))
    return try Dictionary(uniqueKeysWithValues: ids.map { ($0, try catalogue.provider($0)) })
  }
}
