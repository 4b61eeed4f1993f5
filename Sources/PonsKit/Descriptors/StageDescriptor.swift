/// How many calls of a stage may run at the same time.
public enum StageConcurrency: String, Sendable, Hashable, CaseIterable {
  /// One call at a time among all instances of the stage.
  case perProcess = "per-process"
  /// One call at a time for each instance.
  case perInstance = "per-instance"
  /// Any number of calls.
  case parallel
}

/// What a stage is: everything a manifest can be checked against without running it.
public struct StageDescriptor: Sendable, Hashable {
  /// `nifti.read`, or a reverse-DNS name for stages that do not come with Pons.
  public var id: String
  /// Version of the results; part of every cache key.
  public var version: String
  /// One line for people.
  public var summary: String
  /// Input ports, in the order of the descriptor.
  public var inputs: [PortDescriptor]
  /// Output ports, in the order of the descriptor.
  public var outputs: [PortDescriptor]
  /// Everything a manifest can set under `with:`.
  public var parameters: [ParameterDescriptor]
  /// How many calls may run at the same time.
  public var concurrency: StageConcurrency
  /// Equal inputs, parameters, seed and thread count give equal bytes.
  public var isDeterministic: Bool
  /// Can use a GPU.
  public var usesGPU: Bool
  /// A writer or report: what it makes flows nowhere else, so ground truth may end here.
  public var isTerminal: Bool
  /// Making the output again is as cheap as reading it back: it is not kept on disk.
  public var isTransient: Bool
  /// Results do not depend on the number of threads: each call gets as many as are free.
  public var takesAnyThreads: Bool
  /// Parses files that somebody else made: runs in a process of its own unless a manifest forbids it.
  public var parsesForeignBytes: Bool
  /// Has enumerate and read instead of process.
  public var isSource: Bool

  /// Describes a stage; see the properties of the same names.
  public init(
    id: String, version: String, summary: String, inputs: [PortDescriptor] = [],
    outputs: [PortDescriptor] = [], parameters: [ParameterDescriptor] = [],
    concurrency: StageConcurrency = .perInstance, isDeterministic: Bool = true,
    usesGPU: Bool = false, isTerminal: Bool = false, isTransient: Bool = false,
    takesAnyThreads: Bool = false, parsesForeignBytes: Bool = false, isSource: Bool = false
  ) {
    self.id = id
    self.version = version
    self.summary = summary
    self.inputs = inputs
    self.outputs = outputs
    self.parameters = parameters
    self.concurrency = concurrency
    self.isDeterministic = isDeterministic
    self.usesGPU = usesGPU
    self.isTerminal = isTerminal
    self.isTransient = isTransient
    self.takesAnyThreads = takesAnyThreads
    self.parsesForeignBytes = parsesForeignBytes
    self.isSource = isSource
  }

  /// The input port with a name.
  public func input(_ name: String) -> PortDescriptor? { inputs.first { $0.name == name } }
  /// The output port with a name.
  public func output(_ name: String) -> PortDescriptor? { outputs.first { $0.name == name } }
  /// The parameter with a name.
  public func parameter(_ name: String) -> ParameterDescriptor? {
    parameters.first { $0.name == name }
  }

  /// When a call of the stage is made.
  public var schedule: StageSchedule {
    if isSource { return .source }
    let cardinalities = inputs.map(\.flow)
    if cardinalities.contains(.input(.all)) { return .allCases }
    return cardinalities.contains(.input(.each)) ? .eachCase : .once
  }
}

/// When a call of a stage is made; follows from its ports.
public enum StageSchedule: Sendable, Hashable {
  /// Enumerates cases, then reads each.
  case source
  /// Once a case.
  case eachCase
  /// Once, when every case has arrived.
  case allCases
  /// Once; the stage has no case-wise inputs.
  case once
}
