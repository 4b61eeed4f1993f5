public import PonsKit

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
  /// Writes a file that was not there before into ``scratch()``: the pieces, one behind the other.
  func writeFile(_ name: String, _ pieces: [UnsafeRawBufferPointer]) throws

  /// Path of a folder whose files the next call with the same key finds when this one does not come to its end.
  func checkpoints() throws -> String

  /// The key of the case that a source calls by a name, whether or not there is one.
  func caseKey(of name: String, isPublic: Bool) throws -> String

  /// How many packets wait at an input port; 0 for optional ports that are not connected.
  func inputCount(_ port: String) throws -> Int
  /// One packet of an input port. It stays mapped as long as the caller holds it.
  func input(_ port: String, _ index: Int) throws -> Packet

  /// The cases that have no packet at an ALL port that asks for them, sorted by case key.
  func absent(_ port: String) throws -> [Absence]

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
