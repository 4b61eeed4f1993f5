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
  ///
  /// - Parameters:
  ///   - isGolden: whether the manifest's golden cases are the input.
  ///   - lock: the only plugins that count.
  init(
    _ invocation: Invocation, _ context: CommandContext, isGolden: Bool = false,
    lock: LockedPlugins? = nil
  ) throws {
    let typed = invocation.operands.first ?? ""
    name = try ShippedManifests(executable: context.executable).resolve(typed)
    let read = Mutex<[(path: String, digest: String)]>([])
    var request = ManifestRequest(
      manifest: name, overlays: invocation.list("overlay"), assignments: invocation.list("set"),
      reason: invocation.value("reason"), by: invocation.value("by"),
      readFile: { path in
        let bytes = try FilePaths.read(path)
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        let digest = try hash.finish()
        read.withLock { $0.append((path, digest)) }
        return bytes
      })
    request.isGolden = isGolden
    effective = try EffectiveManifest(request)
    files = read.withLock { $0 }
    var plugins = CatalogueRequest(
      folders: invocation.list("plugins"), named: effective.plugins.map(\.path))
    plugins.lock = lock
    catalogue = try context.services.catalogue(plugins, context)
  }

  /// The checked graph.
  ///
  /// - Throws: ``ManifestErrors``; before that, plugins that cannot be used are shown, because they may be the reason.
  ///   ``CommandFailure`` that answers with a refusal, when some of them are forbidden.
  func graph(requiringValues: Bool = true, console: Console) throws -> Graph {
    console.warn(about: catalogue.problems)
    do throws(ManifestErrors) {
      return try effective.graph(
        stages: catalogue.descriptors, requiringValues: requiringValues)
    } catch {
      let refused = catalogue.problems.filter(\.isRefused)
      if refused.isEmpty { throw error }
      console.show(error.diagnostics)
      throw CommandFailure(
        "refused: "
          + refused.map { "\($0.file.printable): \($0.message.printable)" }
          .joined(separator: "\n"),
        hint: "who answers for this site has to allow what was changed on purpose",
        exitCode: .refused)
    }
  }

  /// What runs the stages of a graph; loads their plugins.
  func providers(for graph: Graph) throws -> [String: any StageProvider] {
    let ids = Set(graph.stages.map(\.descriptor.id))
    return try Dictionary(uniqueKeysWithValues: ids.map { ($0, try catalogue.provider($0)) })
  }
}
