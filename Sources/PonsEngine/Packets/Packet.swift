public import PonsKit

/// A tensor inside a packet: a typed window on the packet's buffer, C order, no gaps.
public struct PacketTensor: @unchecked Sendable {
  // @unchecked: `data` points into the buffer of the packet, which is read-only.
  /// Name, unique in the packet.
  public let name: String
  /// Type of the elements.
  public let type: ElementType
  /// Slowest index first.
  public let shape: [Int]
  /// First byte, aligned to 64 bytes; valid as long as the packet is held.
  public let data: UnsafeRawPointer
  /// Offset of the first byte in the packet's buffer.
  package let offset: Int

  package init(
    name: String, type: ElementType, shape: [Int], data: UnsafeRawPointer, offset: Int
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.data = data
    self.offset = offset
  }

  /// Bytes of all elements.
  public var byteCount: Int { shape.reduce(type.size, *) }
  /// All bytes; valid as long as the packet is held. A packet may go at its last mention: ``Packet/withBytes(of:_:)``
  /// is the safer way.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: data, count: byteCount)
  }
}

/// What flows on an edge: immutable, named, identified by its content.
public final class Packet: Sendable {
  /// `volume`, `mask`, `model`, ...
  public let kind: String
  /// The case it belongs to; nil for packets of the run as a whole.
  public let caseKey: String?
  /// Sorted by name.
  public let tensors: [PacketTensor]
  /// A JSON object as canonical text; part of the identity.
  public let metadata: String
  /// A JSON object as canonical text: provenance, patient data, paths; never part of the identity.
  public let sidecar: String
  /// SHA-256 in lower-case hexadecimal over what made the packet, or over what is in it; equal identities mean
  /// equal kind, tensors and metadata.
  public let identity: String

  /// What keeps the tensors' memory alive.
  package let buffer: Buffer?
  /// Where the data begin in the buffer: behind the header, in a packet that was read back.
  package let dataStart: Int

  package init(
    kind: String, caseKey: String?, tensors: [PacketTensor], metadata: String, sidecar: String,
    identity: String, buffer: Buffer?, dataStart: Int = 0
  ) {
    self.kind = kind
    self.caseKey = caseKey
    self.tensors = tensors
    self.metadata = metadata
    self.sidecar = sidecar
    self.identity = identity
    self.buffer = buffer
    self.dataStart = dataStart
  }

  /// The tensor with a name.
  public func tensor(_ name: String) -> PacketTensor? { tensors.first { $0.name == name } }

  /// Calls a body with the bytes of a tensor, or with nil when there is none of that name; the packet stays meanwhile.
  public func withBytes<Result>(
    of name: String, _ body: (UnsafeRawBufferPointer?) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) { try body(tensor(name)?.bytes) }
  }

  /// Bytes of anonymous memory that the packet keeps alive.
  var residentBytes: Int {
    guard let buffer, buffer.isAnonymous else { return 0 }
    return buffer.size
  }
}
