public import PonsKit

/// A tensor of a weight file. It borrows its bytes from the file's memory, and copies none.
public struct WeightTensor: Sendable {
  /// Its name in the state dict.
  public let name: String
  /// Type of the elements.
  public let type: ElementType
  /// Extents, slowest index first; empty for a scalar.
  public let shape: [Int]
  /// Elements from one index to the next, for every axis; never negative. See ``isContiguous``.
  public let strides: [Int]
  /// What keeps the bytes alive.
  public let memory: WeightMemory
  /// Where in the memory the bytes are.
  public let range: Range<Int>

  init(
    _ name: String, _ type: ElementType, _ shape: [Int], strides: [Int]? = nil,
    memory: WeightMemory, range: Range<Int>
  ) throws(WeightError) {
    self.name = name
    self.type = type
    self.shape = shape
    self.strides = strides ?? Self.contiguousStrides(shape)
    if range.lowerBound % type.size == 0 {
      self.memory = memory
      self.range = range
    } else {
      // Rare: PyTorch and safetensors align what they write. Other writers may not.
      self.memory = try memory.withBytes { bytes throws(WeightError) in
        try .copying(UnsafeRawBufferPointer(rebasing: bytes[range]), name: name)
      }
      self.range = 0..<range.count
    }
  }

  /// From the first element to the last one, little-endian, aligned for the type; valid as long as ``memory``, which
  /// the caller must keep. A tensor that is not contiguous has bytes of others between its own.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory.bytes[range]) }

  /// Calls a closure with ``bytes``.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try memory.withBytes { bytes throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Whether the elements lie one after the other, the last index fastest.
  public var isContiguous: Bool {
    elementCount == 0
      || zip(zip(shape, strides), Self.contiguousStrides(shape)).allSatisfy {
        $0.0 == 1 || $0.1 == $1
      }
  }

  /// The strides of a tensor whose elements lie one after the other.
  static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = shape
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = step
      // An empty tensor may have any other extents.
      let (next, overflow) = step.multipliedReportingOverflow(by: max(shape[axis], 1))
      if !overflow { step = next }
    }
    return strides
  }

  /// Copies the elements, one after the other, the last index fastest.
  ///
  /// - Parameter target: `elementCount * type.size` bytes.
  public func copy(to target: UnsafeMutableRawBufferPointer) {
    precondition(target.count == elementCount * type.size, "the memory has another size")
    withBytes { copy($0, to: target) }
  }

  private func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
    if isContiguous {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(target.count)))
      return
    }
    var index = [Int](repeating: 0, count: shape.count)
    var source = 0
    for element in 0..<elementCount {
      let from = UnsafeRawBufferPointer(rebasing: bytes[(source * type.size)...].prefix(type.size))
      UnsafeMutableRawBufferPointer(rebasing: target[(element * type.size)...].prefix(type.size))
        .copyMemory(from: from)
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < shape[axis] { break }
        source -= index[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}

extension WeightTensor {
  /// The elements as float32, the last index fastest; integers and float64 are rounded, booleans are 0 and 1.
  ///
  /// For looking at weights, not for loading them: it copies.
  public func floats() -> [Float] {
    let count = elementCount
    return withUnsafeTemporaryAllocation(byteCount: count * type.size, alignment: 8) { plain in
      copy(to: plain)
      func read<T>(_: T.Type, _ convert: (T) -> Float) -> [Float] {
        (0..<count).map { convert(plain.load(fromByteOffset: $0 * type.size, as: T.self)) }
      }
      return switch type {
      case .bool, .uint8: read(UInt8.self) { Float($0) }
      case .int8: read(Int8.self) { Float($0) }
      case .uint16: read(UInt16.self) { Float($0) }
      case .int16: read(Int16.self) { Float($0) }
      case .uint32: read(UInt32.self) { Float($0) }
      case .int32: read(Int32.self) { Float($0) }
      case .uint64: read(UInt64.self) { Float($0) }
      case .int64: read(Int64.self) { Float($0) }
      case .float16: read(UInt16.self) { Float(Float16(bitPattern: $0)) }
      case .bfloat16: read(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
      case .float32: read(Float.self) { $0 }
      case .float64: read(Double.self) { Float($0) }
      }
    }
  }
}
