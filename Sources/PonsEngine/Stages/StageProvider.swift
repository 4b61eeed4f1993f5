public import PonsKit
public import PonsManifest

/// A kind of stage that the engine can run. The host makes one for every stage of a loaded plugin; the
/// engine does not know where stages come from.
public protocol StageProvider: Sendable {
  /// What the stage is.
  var descriptor: StageDescriptor { get }

  /// Digest of the code that will run (the plugin file), part of every cache key; lower-case
  /// hexadecimal SHA-256.
  var codeDigest: String { get }

  /// Makes an instance for one use of the stage in a graph.
  ///
  /// - Parameters:
  ///   - parameters: an object with all parameters that have a value.
  ///   - call: context for logging and progress; it has no inputs and no outputs.
  /// - Throws: ``StageFailure``.
  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance

  /// The provider for one use of the stage in a graph, which may ask for a process of its own and for limits.
  ///
  /// - Parameter folder: a folder of the run, for what is gone when it ends.
  /// - Throws: ``StageFailure``.
  func placed(for use: GraphStage, folder: String) throws -> any StageProvider

  /// Whether calls run in another process: packets to and from them lie in shared memory.
  var isIsolated: Bool { get }
}

extension StageProvider {
  /// By default stages run in this process, whatever the graph says.
  public func placed(for use: GraphStage, folder: String) throws -> any StageProvider { self }

  /// By default stages run in this process.
  public var isIsolated: Bool { false }
}

/// One use of a stage in a running graph. Released when no call will come any more. Calls come from
/// threads of the engine, as many at a time as the descriptor's concurrency allows.
public protocol StageInstance: AnyObject, Sendable {
  /// Does the work of one case, or of all.
  ///
  /// - Throws: ``StageFailure``.
  func process(_ call: any StageCall) throws

  /// Announces the cases of a source.
  ///
  /// - Throws: ``StageFailure``.
  func enumerate(_ call: any StageCall) throws

  /// Sends the packets of one case of a source.
  ///
  /// - Throws: ``StageFailure``.
  func read(name: String, _ call: any StageCall) throws
}
