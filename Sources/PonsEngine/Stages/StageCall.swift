public import PonsKit

/// Severity of a log record; raw values are those of pons.h.
public enum LogLevel: UInt32, Sendable, Hashable, Comparable {
  case debug = 0
  case info = 1
  case notice = 2
  case warning = 3

  /// Ordered by severity.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a filter or selection decides about a case.
public struct Verdict: Sendable, Hashable {
  /// The decision; raw values are those of pons.h.
  public enum Decision: UInt32, Sendable, Hashable {
    case keep = 0
    case drop = 1
    case notSelected = 2
  }

  /// The case, or nil for the case of the call.
  public var caseKey: String?
  /// What happens to it.
  public var decision: Decision
  /// The value that decided.
  public var score: Double?
  /// 1 is the best.
  public var rank: Int?
  /// Which rule, which value.
  public var reason: String

  /// A decision about a case.
  public init(
    caseKey: String? = nil, _ decision: Decision, score: Double? = nil, rank: Int? = nil,
    reason: String = ""
  ) {
    self.caseKey = caseKey
    self.decision = decision
    self.score = score
    self.rank = rank
    self.reason = reason
  }
}

/// A case that a source announces.
public struct SourceCase: Sendable, Hashable {
  /// Unique in the source and stable; may be patient data.
  public var name: String
  /// The name is no patient data and becomes the case key as it is.
  public var isPublic: Bool
  /// Absolute paths whose content decides whether earlier results can be used.
  public var files: [String]
  /// What decides beside files.
  public var fingerprint: String

  /// A case that a source has found.
  public init(name: String, isPublic: Bool = false, files: [String] = [], fingerprint: String = "")
  {
    self.name = name
    self.isPublic = isPublic
    self.files = files
    self.fingerprint = fingerprint
  }
}

/// One tensor of an output that is to be allocated.
public struct TensorRequest: Sendable, Hashable {
  /// `[A-Za-z0-9_.-]+`, unique in the packet.
  public var name: String
  /// Type of the elements.
  public var type: ElementType
  /// The most that will be needed, slowest index first.
  public var shape: [Int]

  /// Asks for a tensor.
  public init(_ name: String, _ type: ElementType, _ shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}

/// The services of the host during one call of a stage. Every method may be called on any thread until the
/// call returns; afterwards each throws ``StageFailure`` of category `cancelled`, or does nothing.
/// The rules are those of pons.h.
public protocol StageCall: AnyObject, Sendable {
  /// Writes a log record about this stage and case.
  func log(_ level: LogLevel, code: String, _ text: String)
  /// Tells how far the call is, from 0 to 1; true when it shall end soon.
  func progress(_ fraction: Double, _ note: String) -> Bool
  /// Whether the call shall end soon.
  var isCancelled: Bool { get }
  /// Seed of all randomness in this call.
  var seed: UInt64 { get }
  /// How many threads this call may keep busy.
  var threads: Int { get }
  /// Path of an empty folder for this call alone.
  func scratch() throws -> String

  /// How many packets wait at an input port; 0 for optional ports that are not connected.
  func inputCount(_ port: String) throws -> Int
  /// One packet of an input port. It stays mapped as long as the caller holds it.
  func input(_ port: String, _ index: Int) throws -> Packet

  /// Whether somebody reads the output port.
  func wanted(_ port: String) -> Bool
  /// Allocates an output packet.
  func begin(_ port: String, caseKey: String?, _ tensors: [TensorRequest]) throws -> PacketBuilder
  /// Finishes and sends an output packet. `shapes` holds the tensors that became smaller.
  func seal(_ builder: PacketBuilder, metadata: JSON, sidecar: JSON, shapes: [String: [Int]]) throws
  /// Throws an unsealed packet away.
  func discard(_ builder: PacketBuilder)
  /// Sends a packet that came in.
  func forward(_ packet: Packet, to port: String, caseKey: String?) throws
  /// Records what a filter decides.
  func verdict(_ verdict: Verdict) throws

  /// Announces a case; in enumerate only.
  func addCase(_ found: SourceCase) throws
  /// Counts things that a source passes over on purpose; in enumerate only.
  func skipped(code: String, _ text: String, count: Int) throws
}
