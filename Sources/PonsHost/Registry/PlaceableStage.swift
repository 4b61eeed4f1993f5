internal import PonsEngine
internal import PonsKit
internal import PonsManifest
internal import Synchronization

/// A stage of which is not decided yet where it runs: nothing of its plugin is opened before a graph says that.
final class PlaceableStageProvider: StageProvider {
  let descriptor: StageDescriptor
  private let registry: PluginRegistry
  private let plugin: FoundPlugin

  init(_ descriptor: StageDescriptor, of plugin: FoundPlugin, _ registry: PluginRegistry) {
    self.descriptor = descriptor
    self.plugin = plugin
    self.registry = registry
  }

  /// The same wherever the stage runs; empty when the plugin cannot be asked.
  var codeDigest: String { (try? registry.codeDigest(of: plugin)) ?? "" }

  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance {
    try registry.provider(for: descriptor.id).makeInstance(parameters: parameters, call: call)
  }

  func placed(for use: GraphStage, folder: String) throws -> any StageProvider {
    guard use.isolation.isIsolated ?? registry.isolates(descriptor, of: plugin) else {
      return try registry.provider(for: descriptor.id)
    }
    let program: PluginProgram
    do throws(PluginFault) {
      if ProgramPlugin.isDescription(plugin.path) { try registry.trust.checkProgram() }
      program = try ProgramPlugin.program(plugin.path)
    } catch {
      throw StageFailure(
        .internal, code: error.code,
        "plugin '\(plugin.descriptor.name)' cannot be used: \(error.message)")
    }
    let launch = WorkerLaunch(
      worker: registry.workerProgram, plugin: program, folder: folder,
      permitted: registry.trust.forWorkers)
    return try registry.isolated(
      descriptor, of: plugin, launch, WorkerLimits(use.isolation, descriptor.schedule))
  }
}
