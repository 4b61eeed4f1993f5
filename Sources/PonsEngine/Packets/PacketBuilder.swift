internal import Glibc
public import PonsKit

/// An output packet that is being filled. Its memory belongs to the engine; a stage writes into it and seals it.
public final class PacketBuilder: @unchecked Sendable {
  // @unchecked: one call of one stage owns it until it is sealed or discarded.
  /// A tensor that may be written.
  public struct Slot: Sendable {
    /// Name, type and shape as asked for.
    public let request: TensorRequest
    /// Offset in the buffer, a multiple of 64.
    package let offset: Int
    /// Bytes as asked for.
    public let byteCount: Int
  }

  /// The output port that it goes to.
  public let port: String
  /// The case, or label, that the stage named.
  public let caseKey: String?
  /// Tensors in the order of the requests.
  public let slots: [Slot]
  package private(set) var buffer: Buffer?

  /// The most dimensions of a tensor.
  public static let maximumDimensions = 8

  package init(
    port: String, caseKey: String?, tensors: [TensorRequest], pool: BufferPool,
    sharing: BufferSharing = .none
  ) throws {
    let (slots, total) = try Self.layout(tensors, port: port)
    self.port = port
    self.caseKey = caseKey
    self.slots = slots
    self.buffer = total > 0 ? try pool.buffer(size: total, sharing: sharing) : nil
  }

  /// A builder on memory that is there already, as large as ``layout(_:port:)`` says.
  package init(
    port: String, caseKey: String?, tensors: [TensorRequest], buffer: Buffer?
  ) throws {
    slots = try Self.layout(tensors, port: port).slots
    self.port = port
    self.caseKey = caseKey
    self.buffer = buffer
  }

  /// Puts a copy in the place of memory that somebody else may still write.
  package func replaceBuffer(by copy: Buffer) { buffer = copy }

  /// Lets go of the memory before the builder goes.
  package func releaseBuffer() { buffer = nil }

  /// Where the tensors of a packet lie in its memory, and how many bytes that has.
  package static func layout(_ tensors: [TensorRequest], port: String) throws -> (
    slots: [Slot], size: Int
  ) {
    var slots: [Slot] = []
    var total = 0
    for request in tensors {
      try Self.check(request, among: slots)
      let (count, overflow) = Self.byteCount(type: request.type, shape: request.shape)
      if overflow || total > Int.max - count - 64 {
        throw StageFailure(
          .resource, code: "OUT_OF_MEMORY",
          "tensor '\(request.name)' of shape \(request.shape) does not fit any memory", port: port)
      }
      slots.append(Slot(request: request, offset: total, byteCount: count))
      total = (total + count + 63) & ~63
    }
    return (slots, total)
  }

  /// The memory of one tensor, valid until the builder is sealed or discarded; nil for an unknown name.
  public func memory(_ name: String) -> UnsafeMutableRawBufferPointer? {
    guard let slot = slots.first(where: { $0.request.name == name }) else { return nil }
    return UnsafeMutableRawBufferPointer(
      start: buffer.map { $0.base + slot.offset }, count: slot.byteCount)
  }

  /// Clears what lies between the tensors. It is written to files with them, so that equal packets have equal bytes, and the
  /// memory may have held a packet of another patient before.
  ///
  /// What a worker has filled cannot be written here; the worker has cleared it, or it is copied.
  ///
  /// - Parameter counts: the final number of bytes of each tensor, in the order of the slots.
  /// - Throws: ``StageFailure`` of category `resource` when there is no memory for a copy.
  package func clearGaps(behind counts: [Int]) throws {
    guard let filled = buffer else { return }
    let gaps = slots.indices.dropLast().map { index in
      slots[index].offset + counts[index]..<slots[index + 1].offset
    }
    if filled.sharing == .filled {
      let isClear = gaps.allSatisfy { gap in
        UnsafeRawBufferPointer(start: filled.base + gap.lowerBound, count: gap.count)
          .allSatisfy { $0 == 0 }
      }
      if isClear { return }
      buffer = try filled.privateCopy()
    }
    guard let buffer else { return }
    for gap in gaps { memset(buffer.base + gap.lowerBound, 0, gap.count) }
  }

  static func byteCount(type: ElementType, shape: [Int]) -> (Int, Bool) {
    var count = type.size
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return (0, true) }
      count = product
    }
    return (count, false)
  }

  private static func check(_ request: TensorRequest, among slots: [Slot]) throws {
    let isNamed =
      !request.name.isEmpty
      && request.name.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
          || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      } && !request.name.hasPrefix("__")
    if !isNamed {
      throw StageFailure(
        .internal, code: "BAD_TENSOR_NAME",
        "a tensor's name is made of A-Z, a-z, 0-9, '_', '.' and '-', and does not begin with '__'")
    }
    if slots.contains(where: { $0.request.name == request.name }) {
      throw StageFailure(
        .internal, code: "BAD_TENSOR_NAME", "two tensors are named '\(request.name)'")
    }
    if request.shape.count > maximumDimensions || request.shape.contains(where: { $0 < 0 }) {
      throw StageFailure(
        .internal, code: "BAD_SHAPE",
        "tensor '\(request.name)' has \(request.shape.count) dimensions or a negative extent")
    }
  }
}
