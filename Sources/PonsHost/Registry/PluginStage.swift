internal import CPons
internal import PonsEngine
internal import PonsKit

/// A stage of a loaded plugin, as the engine sees it. The plugin is started as long as one of these is held.
final class PluginStageProvider: StageProvider, @unchecked Sendable {
  // @unchecked: `stage` points to the plugin's constant descriptor.
  let descriptor: StageDescriptor
  let codeDigest: String
  private let stage: UnsafePointer<pons_stage>
  private let use: PluginLibrary.Use

  init(library: PluginLibrary, descriptor: StageDescriptor, codeDigest: String) throws {
    guard let stage = library.stage(descriptor.id) else {
      throw StageFailure(.internal, "the plugin has no stage '\(descriptor.id)'")
    }
    self.stage = stage
    self.descriptor = descriptor
    self.codeDigest = codeDigest
    use = try library.use()
  }

  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance {
    let text = CText(parameters.canonical)
    var instance: UnsafeMutableRawPointer?
    try BridgeCall.run(call, stage: descriptor) {
      stage.pointee.create(stage, $0, text.string, &instance)
    }
    return PluginStageInstance(stage: stage, descriptor: descriptor, instance: instance, use: use)
  }
}

/// One instance inside a plugin; destroyed with the last reference.
private final class PluginStageInstance: StageInstance, @unchecked Sendable {
  // @unchecked: the plugin takes calls from any thread, as many at a time as its descriptor says.
  private let stage: UnsafePointer<pons_stage>
  private let descriptor: StageDescriptor
  private let instance: UnsafeMutableRawPointer?
  private let use: PluginLibrary.Use

  init(
    stage: UnsafePointer<pons_stage>, descriptor: StageDescriptor,
    instance: UnsafeMutableRawPointer?, use: PluginLibrary.Use
  ) {
    self.stage = stage
    self.descriptor = descriptor
    self.instance = instance
    self.use = use
  }

  deinit { stage.pointee.destroy(instance) }

  func process(_ call: any StageCall) throws {
    guard let process = stage.pointee.process else { throw missing("process") }
    try BridgeCall.run(call, stage: descriptor) { process(instance, $0) }
  }

  func enumerate(_ call: any StageCall) throws {
    guard let enumerate = stage.pointee.enumerate else { throw missing("enumerate") }
    try BridgeCall.run(call, stage: descriptor) { enumerate(instance, $0) }
  }

  func read(name: String, _ call: any StageCall) throws {
    guard let read = stage.pointee.read else { throw missing("read") }
    let text = CText(name)
    try BridgeCall.run(call, stage: descriptor) { read(instance, $0, text.string) }
  }

  private func missing(_ function: String) -> StageFailure {
    StageFailure(.internal, "stage '\(descriptor.id)' has no function \(function)")
  }
}
