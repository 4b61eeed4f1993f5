internal import PonsEngine
internal import PonsKit
internal import PonsManifest

/// A stage of a plugin that is a program, under test: what an isolated stage survives fails a check.
final class ProgramUnderTest: StageProvider {
  let descriptor: StageDescriptor
  var codeDigest: String { provider.codeDigest }
  private let provider: IsolatedStageProvider

  /// - Parameter folder: for the folders of workers.
  init(file: String, stage id: String, folder: String) throws {
    do throws(PluginFault) {
      let program = try ProgramPlugin.program(file)
      let worker = HostFile.executable ?? WorkerProgram.find()
      let plugin = try ProgramPlugin.ask(file, worker: worker).plugin
      guard let stage = plugin.stages.first(where: { $0.id == id }) else {
        throw PluginFault(code: "UNKNOWN_STAGE", "the plugin has no stage '\(id)'")
      }
      descriptor = stage
      provider = IsolatedStageProvider(
        stage, codeDigest: "",
        launch: WorkerLaunch(worker: worker, plugin: program, folder: folder),
        limits: WorkerLimits(Isolation(), stage.schedule), first: nil)
    } catch {
      throw ConformanceEnd.failed(error.message)
    }
  }

  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance {
    try Self.failing { Instance(try provider.makeInstance(parameters: parameters, call: call)) }
  }

  /// Failures of the process, as the end of the check.
  fileprivate static func failing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as StageFailure
      where [WorkerFault.crashed, WorkerFault.protocolBroken].contains(failure.code)
    {
      throw ConformanceEnd.failed(failure.message)
    }
  }

  private final class Instance: StageInstance {
    private let instance: any StageInstance

    init(_ instance: any StageInstance) { self.instance = instance }

    func process(_ call: any StageCall) throws { try failing { try instance.process(call) } }
    func enumerate(_ call: any StageCall) throws { try failing { try instance.enumerate(call) } }
    func read(name: String, _ call: any StageCall) throws {
      try failing { try instance.read(name: name, call) }
    }
  }
}
