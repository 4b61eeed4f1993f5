public import PonsKit

/// A manifest that was checked: every name is resolved, every parameter has its type and value, every
/// port fits. What the engine runs.
public struct Graph: Sendable, Hashable {
  /// The manifest's `name:`.
  public var name: String
  /// Whether ground truth may reach nothing but evaluation and terminal stages.
  public var isUnsupervised: Bool
  /// The stages in topological order: inputs come from earlier elements only.
  public var stages: [GraphStage]
  /// The declared outputs, in the order of the manifest.
  public var outputs: [GraphOutput]
  /// What overlays and the command line changed, in the order in which they did, removals last.
  public var changes: [GraphChange]

  /// Puts a graph together from parts that were checked.
  public init(
    name: String, isUnsupervised: Bool = false, stages: [GraphStage], outputs: [GraphOutput],
    changes: [GraphChange] = []
  ) {
    self.name = name
    self.isUnsupervised = isUnsupervised
    self.stages = stages
    self.outputs = outputs
    self.changes = changes
  }
}

/// One use of a stage in a graph.
public struct GraphStage: Sendable, Hashable {
  /// The name under `stages:`.
  public var name: String
  /// What the stage is.
  public var descriptor: StageDescriptor
  /// Values of all parameters that have one, defaults included, typed as the descriptor says.
  public var parameters: [String: JSON]
  /// Where the connected input ports get their packets from.
  public var inputs: [GraphInput]
  /// Threads that one call may keep busy; nil leaves the choice to the engine.
  public var threads: Int?
  /// For stages with ALL inputs: with fewer cases the run stops with an error.
  public var minimumCases: Int
  /// For stages with ALL inputs: with more cases quarantined before it the run stops with an error.
  public var maximumQuarantined: Int?
  /// How often a call that failed with RESOURCE is tried again.
  public var retries: Int
  /// Whether, and with which limits, it runs in a process of its own.
  public var isolation: Isolation
  /// Whether the outputs carry ground truth: by their ports, by the manifest, or by what came in.
  public var carriesGroundTruth: Bool
  /// Where the stage stands in the manifest.
  public var location: SourceLocation

  /// Puts a stage together from parts that were checked.
  public init(
    name: String, descriptor: StageDescriptor, parameters: [String: JSON] = [:],
    inputs: [GraphInput] = [], threads: Int? = nil, minimumCases: Int = 1,
    maximumQuarantined: Int? = nil, retries: Int = 0, isolation: Isolation = Isolation(),
    carriesGroundTruth: Bool = false,
    location: SourceLocation = SourceLocation(file: "", line: 0, column: 0)
  ) {
    self.name = name
    self.descriptor = descriptor
    self.parameters = parameters
    self.inputs = inputs
    self.threads = threads
    self.minimumCases = minimumCases
    self.maximumQuarantined = maximumQuarantined
    self.retries = retries
    self.isolation = isolation
    self.carriesGroundTruth = carriesGroundTruth
    self.location = location
  }
}

/// What a manifest says about running a stage in a process of its own; nil leaves it to the host.
public struct Isolation: Sendable, Hashable {
  /// Whether it does.
  public var isIsolated: Bool?
  /// Seconds that one call may take.
  public var seconds: Int?
  /// Seconds of computing that one call may take, of all its threads together.
  public var cpuSeconds: Int?
  /// MiB that the process may have beside packets.
  public var memory: Int?

  /// What is not named is left to the host.
  public init(
    isIsolated: Bool? = nil, seconds: Int? = nil, cpuSeconds: Int? = nil, memory: Int? = nil
  ) {
    self.isIsolated = isIsolated
    self.seconds = seconds
    self.cpuSeconds = cpuSeconds
    self.memory = memory
  }
}

/// One edge of a graph, seen from the port that it ends in.
public struct GraphInput: Sendable, Hashable {
  /// The input port.
  public var port: String
  /// Index of the producing stage in ``Graph/stages``.
  public var stage: Int
  /// The output port of that stage.
  public var output: String

  /// An edge from an output of an earlier stage to an input port.
  public init(port: String, stage: Int, output: String) {
    self.port = port
    self.stage = stage
    self.output = output
  }
}

/// A declared output of a graph.
public struct GraphOutput: Sendable, Hashable {
  /// The name under `outputs:`, also the name of the file in the output folder.
  public var name: String
  /// Index of the producing stage in ``Graph/stages``.
  public var stage: Int
  /// The output port of that stage.
  public var output: String

  /// Declares an output port of a stage as a result of the run.
  public init(name: String, stage: Int, output: String) {
    self.name = name
    self.stage = stage
    self.output = output
  }
}
