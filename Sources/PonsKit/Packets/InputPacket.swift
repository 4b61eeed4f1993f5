internal import CPons

/// A packet that came in through a port: immutable, borrowed from the host.
///
/// It may be used until the call returns; ``retain()`` makes it stay. In a loop over an ALL port let go of each packet
/// before the next: the host then gives the memory back.
public struct InputPacket<Kind: PacketKind>: Sendable {
  let handle: PacketHandle

  /// The case it belongs to; empty for packets of no case.
  public var caseKey: String { String(handle.view.case_key) }

  /// The kind that was sent, also on ports of ``AnyKind``.
  public var kind: String { String(handle.view.kind) }

  /// What matters for the result, a JSON object. Parsed at first use.
  public var metadata: JSON { get throws { try handle.metadata() } }

  /// Provenance, patient data and paths, a JSON object. Never copy any of it to a log, an error or metadata.
  public var sidecar: JSON { get throws { try handle.sidecar() } }

  /// Names of all tensors, sorted.
  public var tensorNames: [String] {
    (0..<tensorCount).compactMap { named($0).map { String($0.name) } }
  }

  /// The tensor with a name.
  ///
  /// - Throws: ``StageFailure`` of category `badInput` when there is none.
  public func tensor(_ name: String) throws -> TensorView {
    guard let tensor = try optionalTensor(name) else {
      throw StageFailure(
        .badInput, code: "MISSING_TENSOR", "the \(kind) packet has no tensor '\(name)'",
        hint: "The stage before it must send one.")
    }
    return tensor
  }

  /// The tensor with a name, or nil when there is none.
  public func optionalTensor(_ name: String) throws -> TensorView? {
    for index in 0..<tensorCount {
      guard let named = named(index), named.name.equals(name), let tensor = named.tensor else {
        continue
      }
      return try TensorView(name: name, tensor: tensor.pointee, packet: handle)
    }
    return nil
  }

  /// Keeps the packet usable beyond the end of the call, until the last copy of it is gone. For a model that an
  /// instance holds.
  public func retain() throws { try handle.retain() }

  private var tensorCount: Int { Int(handle.view.tensor_count) }

  private func named(_ index: Int) -> pons_named_tensor? {
    handle.view.tensors?[index]?.pointee
  }
}

/// All packets of an ALL port, sorted by case key. Each is read when it is asked for and let go with its last copy.
public struct AllInputs<Kind: PacketKind>: Sendable {
  /// How many packets there are.
  public let count: Int
  let port: String
  let context: Context

  /// The packet at an index below ``count``.
  public func packet(at index: Int) throws -> InputPacket<Kind> {
    try context.packet(port: port, index: index)
  }

  /// The cases that have no packet here, and why, sorted by case key. For ports that were declared with `absent`.
  public var absent: [Absence] { get throws { try context.absent(port: port) } }

  /// Calls `body` with one packet after the other and lets go of each.
  public func forEach(_ body: (InputPacket<Kind>) throws -> Void) throws {
    for index in 0..<count { try body(try packet(at: index)) }
  }
}
