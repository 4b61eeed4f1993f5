/// A Swift type that has the memory layout of a ``ScalarType``.
public protocol Scalar: BitwiseCopyable, Sendable {
  /// An unsigned integer as wide as the value.
  associatedtype OrderKey: FixedWidthInteger & UnsignedInteger
  /// The type that has this layout.
  static var type: ScalarType { get }
  /// The value; integers beyond 2^24 are rounded.
  var float: Float { get }
  /// The value; integers beyond 2^53 are rounded.
  var double: Double { get }
  /// An integer that orders as the values do. Of NaN it is the least or the greatest.
  var orderKey: OrderKey { get }
  /// The value that an ``orderKey`` belongs to.
  init(orderKey: OrderKey)
}

extension Scalar where Self: FixedWidthInteger & UnsignedInteger {
  /// The value.
  public var float: Float { Float(self) }
  /// The value.
  public var double: Double { Double(self) }
  /// The value itself.
  public var orderKey: Self { self }
  /// The value itself.
  public init(orderKey: Self) { self = orderKey }
}

extension Scalar where Self: FixedWidthInteger & SignedInteger, OrderKey == Magnitude {
  /// The value.
  public var float: Float { Float(self) }
  /// The value.
  public var double: Double { Double(self) }
  /// The value with its sign bit flipped.
  public var orderKey: Magnitude {
    Magnitude(truncatingIfNeeded: self) ^ (1 << (Magnitude.bitWidth - 1))
  }
  /// Flips the sign bit back.
  public init(orderKey: Magnitude) {
    self.init(truncatingIfNeeded: orderKey ^ (1 << (Magnitude.bitWidth - 1)))
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// Sign and magnitude (IEEE 754) to an order of unsigned integers, and back.
  fileprivate var ordered: Self {
    let sign: Self = 1 << (Self.bitWidth - 1)
    return self & sign == 0 ? self | sign : ~self
  }
  fileprivate var unordered: Self {
    let sign: Self = 1 << (Self.bitWidth - 1)
    return self & sign == 0 ? ~self : self & ~sign
  }
}

extension UInt8: Scalar {
  /// uint8.
  public static var type: ScalarType { .uint8 }
}
extension Int8: Scalar {
  /// int8.
  public static var type: ScalarType { .int8 }
}
extension UInt16: Scalar {
  /// uint16.
  public static var type: ScalarType { .uint16 }
}
extension Int16: Scalar {
  /// int16.
  public static var type: ScalarType { .int16 }
}
extension UInt32: Scalar {
  /// uint32.
  public static var type: ScalarType { .uint32 }
}
extension Int32: Scalar {
  /// int32.
  public static var type: ScalarType { .int32 }
}
extension UInt64: Scalar {
  /// uint64.
  public static var type: ScalarType { .uint64 }
}
extension Int64: Scalar {
  /// int64.
  public static var type: ScalarType { .int64 }
}

extension Float: Scalar {
  /// float32.
  public static var type: ScalarType { .float32 }
  /// The value.
  public var float: Float { self }
  /// The value.
  public var double: Double { Double(self) }
  /// The bits in an order of unsigned integers.
  public var orderKey: UInt32 { bitPattern.ordered }
  /// The value with these bits.
  public init(orderKey: UInt32) { self.init(bitPattern: orderKey.unordered) }
}

extension Double: Scalar {
  /// float64.
  public static var type: ScalarType { .float64 }
  /// The value, rounded.
  public var float: Float { Float(self) }
  /// The value.
  public var double: Double { self }
  /// The bits in an order of unsigned integers.
  public var orderKey: UInt64 { bitPattern.ordered }
  /// The value with these bits.
  public init(orderKey: UInt64) { self.init(bitPattern: orderKey.unordered) }
}

extension Float16: Scalar {
  /// float16.
  public static var type: ScalarType { .float16 }
  /// The value.
  public var float: Float { Float(self) }
  /// The value.
  public var double: Double { Double(self) }
  /// The bits in an order of unsigned integers.
  public var orderKey: UInt16 { bitPattern.ordered }
  /// The value with these bits.
  public init(orderKey: UInt16) { self.init(bitPattern: orderKey.unordered) }
}

/// The upper half of a float32.
public struct BFloat16: Scalar {
  /// The bits.
  public var bitPattern: UInt16
  /// bfloat16.
  public static var type: ScalarType { .bfloat16 }
  /// The value.
  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
  /// The value.
  public var double: Double { Double(float) }
  /// The bits in an order of unsigned integers.
  public var orderKey: UInt16 { bitPattern.ordered }
  /// The value with these bits.
  public init(orderKey: UInt16) { bitPattern = orderKey.unordered }
}

/// A byte that is a truth value: 0, or anything else for true.
public struct TruthValue: Scalar {
  /// The byte.
  public var byte: UInt8
  /// bool.
  public static var type: ScalarType { .bool }
  /// 0 or 1.
  public var float: Float { byte == 0 ? 0 : 1 }
  /// 0 or 1.
  public var double: Double { byte == 0 ? 0 : 1 }
  /// 0 or 1.
  public var orderKey: UInt8 { byte == 0 ? 0 : 1 }
  /// 0 or 1.
  public init(orderKey: UInt8) { byte = orderKey }
}
