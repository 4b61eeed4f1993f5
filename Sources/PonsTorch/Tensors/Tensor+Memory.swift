internal import CTorch
public import PonsKit

extension Tensor {
  // MARK: Made of nothing

  /// Elements that are not set: to be overwritten.
  public static func empty(
    _ shape: [Int], type: ElementType = .float32, on device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    let code = try type.requiredTorchCode("empty \(shape)")
    return try make("empty \(shape)", []) { out in
      withNumbers(shape) { pons_torch_empty($0, code, device.code.type, device.code.index, out) }
    }
  }

  /// All elements one value.
  public static func full(
    _ shape: [Int], _ value: Double, type: ElementType = .float32, on device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    let code = try type.requiredTorchCode("full \(shape)")
    return try make("full \(shape)", []) { out in
      withNumbers(shape) {
        pons_torch_full($0, value, code, device.code.type, device.code.index, out)
      }
    }
  }

  /// All elements 0.
  public static func zeros(
    _ shape: [Int], type: ElementType = .float32, on device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    try full(shape, 0, type: type, on: device)
  }

  /// All elements 1.
  public static func ones(
    _ shape: [Int], type: ElementType = .float32, on device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    try full(shape, 1, type: type, on: device)
  }

  /// `start`, `start + step`, ... below `end`.
  public static func arange(
    _ start: Double = 0, _ end: Double, step: Double = 1, type: ElementType = .float32
  ) throws(TorchError) -> Tensor {
    let code = try type.requiredTorchCode("arange")
    return try make("arange", []) { pons_torch_arange(start, end, step, code, $0) }
  }

  // MARK: Elements from elsewhere

  /// A copy of the elements of an array, in C order.
  ///
  /// - Parameter shape: nil means one axis.
  /// - Throws: ``TorchError`` when the shape has another number of elements, or libtorch has no such type.
  public static func of<Element: TensorElement>(
    _ elements: [Element], shape: [Int]? = nil
  ) throws(TorchError) -> Tensor {
    let shape = shape ?? [elements.count]
    if shape.reduce(1, *) != elements.count {
      throw TorchError("tensor \(shape)", "there are \(elements.count) elements for it")
    }
    let tensor = try empty(shape, type: Element.elementType)
    if let data = pons_torch_data(tensor.handle) {
      elements.withUnsafeBytes { bytes in
        if let source = bytes.baseAddress { data.copyMemory(from: source, byteCount: bytes.count) }
      }
    }
    return tensor
  }

  /// A tensor on memory that `owner` keeps, which is not copied and must not be changed when it is read-only.
  ///
  /// - Parameters:
  ///   - data: the first element.
  ///   - strides: in elements; nil means C order without gaps.
  ///   - owner: released when the last tensor that sees the memory goes.
  public static func borrowing(
    _ data: UnsafeRawPointer, shape: [Int], strides: [Int]? = nil, type: ElementType,
    owner: some AnyObject & Sendable
  ) throws(TorchError) -> Tensor {
    let code = try type.requiredTorchCode("tensor \(shape)")
    let strides = strides ?? contiguousStrides(of: shape)
    return try make("tensor \(shape)", []) { out in
      withNumbers(shape) { shape in
        withNumbers(strides) { strides in
          pons_torch_borrow(
            UnsafeMutableRawPointer(mutating: data), shape, strides, code,
            { owner in
              if let owner { Unmanaged<AnyObject>.fromOpaque(owner).release() }
            }, Unmanaged.passRetained(owner as AnyObject).toOpaque(), out)
        }
      }
    }
  }

  static func contiguousStrides(of shape: [Int]) -> [Int] {
    var strides = shape
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = step
      step *= Swift.max(1, shape[axis])
    }
    return strides
  }

  /// The elements of a packet's tensor, not copied: they must not be changed.
  ///
  /// - Throws: ``TorchError`` when libtorch has no such type; ``converting(_:)`` has a way for each.
  public static func borrowing(_ view: TensorView) throws(TorchError) -> Tensor {
    let data = view.withBytes { $0.baseAddress }
    guard let data else { return try empty(view.shape, type: view.type) }
    return try borrowing(data, shape: view.shape, type: view.type, owner: Owner(view))
  }

  /// The elements of a packet's tensor of any type of number, as float32. Copied unless they are float32 already.
  public static func converting(_ view: TensorView) throws -> Tensor {
    switch view.type {
    case .uint16: return try converted(view, UInt16.self)
    case .uint32: return try converted(view, UInt32.self)
    case .uint64: return try converted(view, UInt64.self)
    default: return try borrowing(view).to(.float32)
    }
  }

  private static func converted<Element: TensorElement & BinaryInteger>(
    _ view: TensorView, _: Element.Type
  ) throws -> Tensor {
    let tensor = try empty(view.shape, type: .float32)
    try view.withElements(of: Element.self) { source in
      try tensor.withMutableElements(of: Float.self) { destination in
        for index in source.indices { destination[index] = Float(source[index]) }
      }
    }
    return tensor
  }

  /// Takes over a `DLManagedTensor`, whose memory is shared.
  ///
  /// - Parameter managed: consumed when no error is thrown; its deleter is called when the last tensor that sees it goes.
  /// - Source: DLPack, version 0.
  public static func consuming(dlpack managed: UnsafeMutableRawPointer) throws(TorchError) -> Tensor
  {
    try make("DLPack", []) { pons_torch_from_dlpack(managed, $0) }
  }

  /// A `DLManagedTensor` that shares this tensor's memory; the caller calls its deleter.
  public func dlpack() throws(TorchError) -> UnsafeMutableRawPointer {
    var managed: UnsafeMutableRawPointer?
    try TorchError.check(pons_torch_to_dlpack(handle, &managed), "DLPack", [self])
    guard let managed else { throw TorchError("DLPack", "nothing was made", operands: [self]) }
    return managed
  }

  // MARK: Elements out

  /// Calls `body` with the bytes of a tensor in the machine's memory, in C order. They must not be used after it returns.
  ///
  /// - Throws: ``TorchError`` when the elements are elsewhere or not in C order (``contiguous(_:)`` helps).
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result
  {
    let bytes = try memory("reading elements")
    return try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(bytes)) }
  }

  /// The same for elements of a type that is known.
  ///
  /// - Throws: ``TorchError`` when they are of another type.
  public func withElements<Element: TensorElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    try check(Element.elementType)
    return try withBytes { try body($0.bindMemory(to: Element.self)) }
  }

  /// The same for elements that may be changed.
  public func withMutableElements<Element: TensorElement, Result>(
    of _: Element.Type = Element.self,
    _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    try check(Element.elementType)
    let bytes = try memory("changing elements")
    return try withExtendedLifetime(self) { try body(bytes.bindMemory(to: Element.self)) }
  }

  /// A copy of all elements, in C order, from any device.
  ///
  /// - Throws: ``TorchError`` when they are of another type.
  public func array<Element: TensorElement>(of type: Element.Type = Element.self) throws
    -> [Element]
  {
    try detach().on(.cpu).contiguous().withElements(of: type) { Array($0) }
  }

  /// The only element.
  ///
  /// - Throws: ``TorchError`` when there is not exactly one.
  public func item() throws(TorchError) -> Double {
    var value = 0.0
    try TorchError.check(pons_torch_item(handle, &value), "item", [self])
    return value
  }

  private func check(_ wanted: ElementType) throws(TorchError) {
    if type != wanted {
      throw TorchError("elements", "expected \(wanted.rawValue)", operands: [self])
    }
  }

  private func memory(_ operation: String) throws(TorchError) -> UnsafeMutableRawBufferPointer {
    guard isContiguous() else {
      throw TorchError(operation, "they are not in C order", operands: [self])
    }
    guard let type else {
      throw TorchError(operation, "their type is unknown", operands: [self])
    }
    let count = self.count
    if count == 0 { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    guard let data = pons_torch_data(handle) else {
      throw TorchError(operation, "they are on \(device)", operands: [self])
    }
    return UnsafeMutableRawBufferPointer(start: data, count: count * type.size)
  }

  // MARK: Copies

  /// A copy with memory of its own.
  public func clone() throws(TorchError) -> Tensor {
    try Tensor.make("clone", [self]) { pons_torch_clone(handle, $0) }
  }

  /// The elements as another type, on another device; this tensor itself when nothing changes.
  public func to(_ type: ElementType, on device: Device? = nil) throws(TorchError) -> Tensor {
    let device = device ?? self.device
    if type == self.type && device == self.device { return self }
    let code = try type.requiredTorchCode("to")
    return try Tensor.make("to \(type.rawValue) on \(device)", [self]) {
      pons_torch_to(handle, code, device.code.type, device.code.index, $0)
    }
  }

  /// The elements on another device.
  public func on(_ device: Device) throws(TorchError) -> Tensor {
    guard let type else { throw TorchError("to \(device)", "unknown type", operands: [self]) }
    return try to(type, on: device)
  }

  /// The elements in an order in memory, without gaps; this tensor itself when they are.
  public func contiguous(_ order: MemoryOrder = .contiguous) throws(TorchError) -> Tensor {
    if isContiguous(order) { return self }
    return try Tensor.make("contiguous", [self]) { pons_torch_contiguous(handle, order.code, $0) }
  }

  /// Writes the elements of another tensor, converted and broadcast, into this one.
  public func copy_(_ source: Tensor) throws(TorchError) {
    try TorchError.check(pons_torch_copy_(handle, source.handle), "copy_", [self, source])
  }

  /// Makes all elements one value.
  public func fill_(_ value: Double) throws(TorchError) {
    try TorchError.check(pons_torch_fill_(handle, value), "fill_", [self])
  }
}

/// Keeps a packet's memory mapped for a tensor.
private final class Owner: Sendable {
  private let view: TensorView

  init(_ view: TensorView) { self.view = view }
}
