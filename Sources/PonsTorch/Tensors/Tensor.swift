internal import CTorch
public import PonsKit

/// A tensor of libtorch: elements of one type with a shape, slowest axis first, on a device.
///
/// A reference: methods whose names end in an underscore change the elements for everybody who sees them, all others
/// give a new tensor (which may be a view on the same memory, as in PyTorch). Shapes broadcast and types promote as in PyTorch.
/// Everything throws ``TorchError`` with the shapes of the operands when libtorch refuses.
public final class Tensor: @unchecked Sendable, CustomStringConvertible {
  // @unchecked: libtorch counts references atomically; changing one tensor on two threads is the caller's mistake, as
  // with any memory.
  let handle: OpaquePointer

  init(handle: OpaquePointer) { self.handle = handle }

  deinit { pons_torch_free(handle) }

  /// Runs a call of the shim that makes one tensor.
  static func make(
    _ operation: String, _ operands: [Tensor],
    _ call: (UnsafeMutablePointer<OpaquePointer?>) -> pons_torch_result?
  ) throws(TorchError) -> Tensor {
    var handle: OpaquePointer?
    try TorchError.check(call(&handle), operation, operands)
    guard let handle else { throw TorchError(operation, "no tensor was made", operands: operands) }
    return withExtendedLifetime(operands) { Tensor(handle: handle) }
  }

  // MARK: What it is

  /// Number of axes.
  public var rank: Int { Int(pons_torch_dimensions(handle)) }

  /// Sizes of the axes, slowest first.
  public var shape: [Int] { numbers { pons_torch_shape(handle, $0) } }

  /// Steps in elements from one index of an axis to the next.
  public var strides: [Int] { numbers { pons_torch_strides(handle, $0) } }

  private func numbers(_ read: (UnsafeMutablePointer<Int64>) -> Void) -> [Int] {
    let rank = self.rank
    if rank == 0 { return [] }
    return withUnsafeTemporaryAllocation(of: Int64.self, capacity: rank) { buffer in
      buffer.initialize(repeating: 0)
      guard let base = buffer.baseAddress else { return [] }
      read(base)
      return buffer.map(Int.init)
    }
  }

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// Type of the elements; nil for one that edges between stages do not carry (a complex number, say).
  public var type: ElementType? { ElementType(torchCode: pons_torch_type(handle)) }

  /// Where the elements are.
  public var device: Device {
    var type: Int32 = 0
    var index: Int32 = 0
    pons_torch_device(handle, &type, &index)
    return type == PONS_TORCH_CUDA ? .cuda(Int(index)) : .cpu
  }

  /// Whether the elements lie in memory in an order, without gaps.
  public func isContiguous(_ order: MemoryOrder = .contiguous) -> Bool {
    pons_torch_is_contiguous(handle, order.code) != 0
  }

  /// Shape and type: `[1, 3, 256, 256] float32`.
  public var summary: String { "\(shape) \(type?.rawValue ?? "of another type")" }

  /// Shape, type and device.
  public var description: String { "Tensor \(summary) on \(device)" }
}

/// The order of a tensor's elements in memory.
public enum MemoryOrder: Sendable {
  /// The last axis fastest.
  case contiguous
  /// `[n, c, h, w]` with c fastest.
  case channelsLast
  /// `[n, c, d, h, w]` with c fastest.
  case channelsLast3d

  var code: Int32 {
    switch self {
    case .contiguous: PONS_TORCH_CONTIGUOUS
    case .channelsLast: PONS_TORCH_CHANNELS_LAST
    case .channelsLast3d: PONS_TORCH_CHANNELS_LAST_3D
    }
  }
}

/// Lends numbers to a call of the shim.
func withNumbers<Result>(_ values: [Int], _ body: (pons_torch_numbers) -> Result) -> Result {
  values.withUnsafeBytes { bytes in
    // An Int of this platform is an int64_t.
    body(
      pons_torch_numbers(
        values: bytes.bindMemory(to: Int64.self).baseAddress, count: Int64(values.count)))
  }
}

/// Lends handles to a call of the shim.
func withList<Result>(_ tensors: [Tensor], _ body: (pons_torch_list) -> Result) -> Result {
  let handles: [OpaquePointer?] = tensors.map(\.handle)
  return withExtendedLifetime(tensors) {
    handles.withUnsafeBufferPointer {
      body(pons_torch_list(handles: $0.baseAddress, count: Int64($0.count)))
    }
  }
}
