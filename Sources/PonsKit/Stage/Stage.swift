/// What stages and sources have in common; conform to ``Stage`` or ``SourceStage``.
///
/// The host makes one instance for each use of the stage in a manifest. Instances are `Sendable`, because
/// calls come from different threads; a stage that keeps state between calls puts it behind a `Mutex`.
public protocol StageType: Sendable {
  /// What a manifest can set under `with:`.
  associatedtype Parameters: StageParameters
  /// What the stage is: id, ports, parameters.
  static var descriptor: StageDescriptor { get }
  /// Makes an instance. The context has no inputs and no outputs.
  ///
  /// - Throws: ``StageFailure``; any other error is reported as `internal`.
  init(_ parameters: Parameters, _ context: Context) throws
}

/// A stage that works on packets.
public protocol Stage: StageType {
  /// Does the work of one case, or of all: takes inputs, sends outputs.
  ///
  /// - Throws: ``StageFailure``; any other error is reported as `internal`.
  func process(_ context: Context) throws
}

/// A stage that brings cases in.
public protocol SourceStage: StageType {
  /// Announces every case. Must be quick: names and sizes, not voxels.
  ///
  /// - Throws: ``StageFailure``; any other error is reported as `internal`.
  func enumerate(_ context: Context) throws

  /// Sends the packets of one case. Cases are asked for in any order, some not at all, some more than once.
  ///
  /// - Parameter name: as it was announced.
  /// - Throws: ``StageFailure``; any other error is reported as `internal`.
  func read(_ name: String, _ context: Context) throws
}
