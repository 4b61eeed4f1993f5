import PonsCommand
import PonsEngine
import PonsKit
import PonsManifest
import Synchronization

/// Stages without plugins, and a run that only tells what a test wants.
struct FakeServices {
  /// A source and a stage that works on each case.
  static let descriptors = [
    StageDescriptor(
      id: "test.source", version: "1", summary: "Makes volumes",
      outputs: [PortDescriptor(name: "volume", kind: "volume", flow: .output(.perCase))],
      parameters: [
        ParameterDescriptor("path", .path, "Where to look", isRequired: true),
        ParameterDescriptor(
          "limit", .number, "How much at most", defaultValue: 3, minimum: 0, maximum: 10, unit: "mm"
        ),
      ],
      concurrency: .parallel, isSource: true),
    StageDescriptor(
      id: "test.work", version: "2", summary: "Works on volumes",
      inputs: [
        PortDescriptor(
          name: "volume", summary: "What to work on", kind: "volume", flow: .input(.each),
          elementTypes: [.uint8, .float32])
      ],
      outputs: [PortDescriptor(name: "mask", kind: "mask", flow: .output(.perCase))]),
  ]

  /// A manifest that uses both.
  static let manifest = """
    pons: 1
    name: demo
    parameters:
      input: {type: path, required: true}
    stages:
      read: {use: test.source, with: {path: "${input}"}}
      work: {use: test.work, in: {volume: read.volume}}
    outputs: {mask: work.mask}
    """

  private final class FakeRun: RunningGraph {
    let summary: RunSummary
    let observer: @Sendable (RunEvent) -> Void
    init(_ summary: RunSummary, _ observer: @escaping @Sendable (RunEvent) -> Void) {
      self.summary = summary
      self.observer = observer
    }
    func start() throws -> RunSummary {
      observer(.started(name: summary.name, stages: ["read", "work"]))
      for item in summary.cases { observer(.settled(item)) }
      observer(.finished(summary))
      return summary
    }
    func cancel() {}
  }

  private struct NoProvider: StageProvider {
    let descriptor: StageDescriptor
    let codeDigest = ""
    func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance {
      throw StageFailure(.internal, "a fake stage cannot run")
    }
  }

  /// What the last run was asked for.
  let asked = RememberedConfiguration()

  /// Services whose runs end with a summary.
  func services(
    _ summary: RunSummary, problems: [StageCatalogue.Problem] = []
  ) -> Services {
    Services(
      catalogue: { _, _ in
        StageCatalogue(
          entries: Self.descriptors.map {
            StageCatalogue.Entry(descriptor: $0, plugin: "test", file: "/plugins/libpons-test.so")
          }, problems: problems
        ) { id in
          guard let descriptor = Self.descriptors.first(where: { $0.id == id }) else {
            throw StageFailure(.internal, "no stage")
          }
          return NoProvider(descriptor: descriptor)
        }
      },
      makeRun: { [asked] configuration, observer in
        asked.set(configuration)
        return FakeRun(summary, observer)
      },
      interruption: { _, _ in })
  }
}

/// The configuration of the last run.
final class RememberedConfiguration: Sendable {
  private let value = Mutex<RunConfiguration?>(nil)
  func set(_ configuration: RunConfiguration) { value.withLock { $0 = configuration } }
  var configuration: RunConfiguration? { value.withLock { $0 } }
}
