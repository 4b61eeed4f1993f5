internal import PonsKit

/// What the voxels of a volume are, as far as storing them in 16 bits depends on it.
struct VoxelRange: Sendable, Equatable {
  /// Of the finite ones.
  var minimum = Double.infinity
  var maximum = -Double.infinity
  /// No voxel has a fraction, and doubles hold all of them exactly.
  var isWhole = true
  var notFinite = 0

  /// Looks at all voxels.
  ///
  /// - Parameter progress: called now and then; what it throws ends the search.
  init(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, progress: () throws -> Void
  ) throws {
    switch type {
    case .bool, .uint8: try integers(bytes, UInt8.self, progress)
    case .int8: try integers(bytes, Int8.self, progress)
    case .uint16: try integers(bytes, UInt16.self, progress)
    case .int16: try integers(bytes, Int16.self, progress)
    case .uint32: try integers(bytes, UInt32.self, progress)
    case .int32: try integers(bytes, Int32.self, progress)
    case .uint64: try integers(bytes, UInt64.self, progress)
    case .int64: try integers(bytes, Int64.self, progress)
    case .float16: try reals(bytes, Float16.self, progress) { Double($0) }
    case .bfloat16: try reals(bytes, UInt16.self, progress) { $0.asBFloat16 }
    case .float32: try reals(bytes, Float.self, progress) { Double($0) }
    case .float64: try reals(bytes, Double.self, progress) { $0 }
    }
  }

  private static let piece = 1 << 20

  private mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _: Value.Type, _ progress: () throws -> Void
  ) throws {
    let values = bytes.bindMemory(to: Value.self)
    var low = Value.max
    var high = Value.min
    for start in stride(from: 0, to: values.count, by: Self.piece) {
      try progress()
      for index in start..<min(start + Self.piece, values.count) {
        low = min(low, values[index])
        high = max(high, values[index])
      }
    }
    minimum = Double(low)
    maximum = Double(high)
    isWhole = abs(minimum) <= 0x1p53 && abs(maximum) <= 0x1p53
  }

  private mutating func reals<Value: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _: Value.Type, _ progress: () throws -> Void,
    _ double: (Value) -> Double
  ) throws {
    let values = bytes.bindMemory(to: Value.self)
    for start in stride(from: 0, to: values.count, by: Self.piece) {
      try progress()
      for index in start..<min(start + Self.piece, values.count) {
        let value = double(values[index])
        guard value.isFinite else {
          notFinite += 1
          continue
        }
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        isWhole = isWhole && value == value.rounded(.towardZero)
      }
    }
    isWhole = isWhole && abs(minimum) <= 0x1p53 && abs(maximum) <= 0x1p53
  }
}

extension UInt16 {
  /// The number whose bits, the upper half of a float32, these are.
  var asBFloat16: Double { Double(Float(bitPattern: UInt32(self) << 16)) }
}
