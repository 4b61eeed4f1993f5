/// How many packets an input port takes a call.
public enum InputCardinality: String, Sendable, Hashable, CaseIterable {
  /// The stage runs once a case and sees that case's packet.
  case each
  /// The stage runs once, when every case has arrived, and sees them all.
  case all
  /// One packet (a model) that is the same in every call.
  case once
}

/// How many packets an output port gives.
public enum OutputCardinality: String, Sendable, Hashable, CaseIterable {
  /// One packet a run.
  case one
  /// One packet, or one verdict that drops it, for every case that came in.
  case perCase = "per-case"
  /// Any number of packets a call, each a new case.
  case newCases = "new-cases"
}

/// Which way packets go through a port, and how many.
public enum PortFlow: Sendable, Hashable {
  case input(InputCardinality)
  case output(OutputCardinality)
}

/// One port of a stage, as the host and the checks of a manifest see it.
public struct PortDescriptor: Sendable, Hashable {
  /// `[a-z][a-z0-9_]*`, unique among the stage's ports of the same direction.
  public var name: String
  /// One line for people.
  public var summary: String
  /// Kind of the packets: `volume`, `mask`, ...; `any` on inputs that take everything.
  public var kind: String
  /// Direction and cardinality.
  public var flow: PortFlow
  /// An input that need not be connected, or an output that need not be sent.
  public var isOptional: Bool
  /// An output that carries ground truth, or an input that may receive it.
  public var isGroundTruth: Bool
  /// An ALL input whose cases are not matched with those of other ports.
  public var isUnjoined: Bool
  /// An ALL input of a stage that asks which cases have no packet there, and why.
  public var asksForAbsent: Bool
  /// A NEW_CASES output that sends packets under whole keys of cases, not under labels.
  public var sendsCaseKeys: Bool
  /// What the tensor `voxels` may be made of; empty means anything.
  public var elementTypes: [ElementType]
  /// An input port of the same stage whose grid (shape `[z, y, x]` and affine) must be equal.
  public var sameGrid: String?

  /// Describes a port; see the properties of the same names.
  public init(
    name: String, summary: String = "", kind: String, flow: PortFlow, isOptional: Bool = false,
    isGroundTruth: Bool = false, isUnjoined: Bool = false, asksForAbsent: Bool = false,
    sendsCaseKeys: Bool = false, elementTypes: [ElementType] = [],
    sameGrid: String? = nil
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.flow = flow
    self.isOptional = isOptional
    self.isGroundTruth = isGroundTruth
    self.isUnjoined = isUnjoined
    self.asksForAbsent = asksForAbsent
    self.sendsCaseKeys = sendsCaseKeys
    self.elementTypes = elementTypes
    self.sameGrid = sameGrid
  }

  /// The kind that takes packets of every kind.
  public static let anyKind = "any"
}
