internal import CPons

/// A tensor of an input packet: a typed, read-only window on memory of the host, C order, no gaps. Keeps its packet's
/// memory mapped as long as it lives.
public struct TensorView: @unchecked Sendable {
  // @unchecked: the memory is read-only and kept alive by `packet`.
  /// Name, unique in the packet.
  public let name: String
  /// Type of the elements.
  public let type: ElementType
  /// Slowest index first.
  public let shape: [Int]
  /// Number of elements.
  public let count: Int
  private let data: UnsafeRawPointer?
  private let packet: PacketHandle

  init(name: String, tensor: pons_tensor, packet: PacketHandle) throws {
    guard let type = ElementType(dlpackCode: tensor.code, bits: tensor.bits) else {
      throw StageFailure(
        .badInput, code: "UNKNOWN_TYPE",
        "tensor '\(name)' has elements of type code \(tensor.code) with \(tensor.bits) bits")
    }
    self.name = name
    self.type = type
    shape = (0..<Int(max(tensor.ndim, 0))).map { Int(tensor.shape[$0]) }
    count = shape.reduce(1, *)
    data = UnsafeRawPointer(tensor.data)
    self.packet = packet
  }

  /// Bytes of all elements.
  public var byteCount: Int { count * type.size }

  /// Calls `body` with all bytes; they must not be used after it returns.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try withExtendedLifetime(packet) {
      try body(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : byteCount))
    }
  }

  /// Calls `body` with all elements; they must not be used after it returns.
  ///
  /// - Throws: ``StageFailure`` of category `badInput` when the tensor has elements of another type.
  public func withElements<Element: TensorElement, Result>(
    of _: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    if type != Element.elementType {
      throw StageFailure(
        .badInput, code: "WRONG_TYPE",
        "tensor '\(name)' is \(type.rawValue), expected \(Element.elementType.rawValue)")
    }
    return try withBytes { try body($0.bindMemory(to: Element.self)) }
  }

  /// Calls `body` with a bounds-checked span of all elements.
  ///
  /// - Throws: ``StageFailure`` of category `badInput` when the tensor has elements of another type.
  public func withSpan<Element: TensorElement, Result>(
    of type: Element.Type = Element.self, _ body: (Span<Element>) throws -> Result
  ) throws -> Result {
    try withElements(of: type) { try body($0.span) }
  }

  /// A copy of all elements.
  ///
  /// - Throws: ``StageFailure`` of category `badInput` when the tensor has elements of another type.
  public func array<Element: TensorElement>(of type: Element.Type = Element.self) throws
    -> [Element]
  {
    try withElements(of: type) { Array($0) }
  }
}
