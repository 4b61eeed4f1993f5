/// A port of a stage, declared once and used to take and send packets.
public protocol Port: Sendable {
  /// What hosts and manifests see.
  var descriptor: PortDescriptor { get }
}

/// An input port for packets of one kind.
public struct Input<Kind: PacketKind>: Port {
  /// What hosts and manifests see.
  public let descriptor: PortDescriptor
  /// The name in manifests.
  public var name: String { descriptor.name }

  /// Declares an input.
  ///
  /// - Parameters:
  ///   - name: `[a-z][a-z0-9_]*`.
  ///   - cardinality: one packet a call, all cases' packets, or one for the whole run.
  ///   - summary: one line for people.
  ///   - optional: need not be connected.
  ///   - groundTruth: may receive ground truth.
  ///   - unjoined: an ALL port whose cases are not matched with those of other ports.
  ///   - absent: an ALL port of which the stage asks ``AllInputs/absent``.
  ///   - elementTypes: what `voxels` may be made of; empty means anything.
  ///   - sameGrid: another input whose shape and affine must be equal.
  public init(
    _ name: String, _ cardinality: InputCardinality = .each, _ summary: String = "",
    optional: Bool = false, groundTruth: Bool = false, unjoined: Bool = false,
    absent: Bool = false, elementTypes: [ElementType] = [], sameGrid: String? = nil
  ) {
    descriptor = PortDescriptor(
      name: name, summary: summary, kind: Kind.name, flow: .input(cardinality),
      isOptional: optional, isGroundTruth: groundTruth, isUnjoined: unjoined,
      asksForAbsent: absent, elementTypes: elementTypes, sameGrid: sameGrid)
  }
}

/// An output port for packets of one kind.
public struct Output<Kind: PacketKind>: Port {
  /// What hosts and manifests see.
  public let descriptor: PortDescriptor
  /// The name in manifests.
  public var name: String { descriptor.name }

  /// Declares an output.
  ///
  /// - Parameters:
  ///   - name: `[a-z][a-z0-9_]*`.
  ///   - cardinality: one packet a run, one a case, or any number of new cases.
  ///   - summary: one line for people.
  ///   - optional: need not be sent.
  ///   - groundTruth: carries ground truth.
  ///   - caseKeys: a NEW_CASES output whose packets are sent under whole keys of cases, not under labels.
  ///   - elementTypes: what `voxels` is made of; empty means anything.
  ///   - sameGrid: an input whose shape and affine the output has.
  public init(
    _ name: String, _ cardinality: OutputCardinality = .perCase, _ summary: String = "",
    optional: Bool = false, groundTruth: Bool = false, caseKeys: Bool = false,
    elementTypes: [ElementType] = [], sameGrid: String? = nil
  ) {
    descriptor = PortDescriptor(
      name: name, summary: summary, kind: Kind.name, flow: .output(cardinality),
      isOptional: optional, isGroundTruth: groundTruth, sendsCaseKeys: caseKeys,
      elementTypes: elementTypes, sameGrid: sameGrid)
  }
}

extension StageDescriptor {
  /// Describes a stage by its declared ports. Whether it is a source follows from its type.
  public init(
    id: String, version: String, summary: String, ports: [any Port],
    parameters: [ParameterDescriptor] = [], concurrency: StageConcurrency = .perInstance,
    isDeterministic: Bool = true, usesGPU: Bool = false, isTerminal: Bool = false,
    isTransient: Bool = false, takesAnyThreads: Bool = false, parsesForeignBytes: Bool = false
  ) {
    let ports = ports.map(\.descriptor)
    self.init(
      id: id, version: version, summary: summary, inputs: ports.filter(\.isInput),
      outputs: ports.filter { !$0.isInput }, parameters: parameters, concurrency: concurrency,
      isDeterministic: isDeterministic, usesGPU: usesGPU, isTerminal: isTerminal,
      isTransient: isTransient, takesAnyThreads: takesAnyThreads,
      parsesForeignBytes: parsesForeignBytes)
  }
}

extension PortDescriptor {
  /// Whether packets come in through it.
  public var isInput: Bool {
    if case .input = flow { return true }
    return false
  }
}
