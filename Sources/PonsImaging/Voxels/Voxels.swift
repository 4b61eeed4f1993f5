/// A read-only window on voxels in the caller's memory, of a type that is known at run time only. It owns nothing and
/// must not outlive that memory.
public struct Voxels: @unchecked Sendable {
  // @unchecked: nothing is written through it.
  /// The type of the voxels.
  public let type: ScalarType
  /// How many there are.
  public let count: Int
  /// The first one.
  let base: UnsafeRawPointer

  /// A window on memory, aligned for `type`, that holds whole voxels.
  public init(_ type: ScalarType, _ bytes: UnsafeRawBufferPointer) {
    self.type = type
    count = bytes.count / type.size
    base = bytes.baseAddress ?? UnsafeRawPointer(Self.nothing)
  }

  /// A window on typed memory.
  public init<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) {
    self.init(S.type, UnsafeRawBufferPointer(voxels))
  }

  /// A part of the window.
  public subscript(range: Range<Int>) -> Voxels {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range is in the window")
    return Voxels(
      type,
      UnsafeRawBufferPointer(
        start: base + range.lowerBound * type.size, count: range.count * type.size))
  }

  /// Where windows of no voxels point; never read.
  private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(
    byteCount: 16, alignment: 16)
}

/// Something to be done with voxels of any type. Swift compiles it once for every type, so that inner loops are as
/// fast as written out; that works inside this module only.
protocol ScalarWork {
  associatedtype Result
  func callAsFunction<S: Scalar>(_ voxels: UnsafeBufferPointer<S>) -> Result
}

extension Voxels {
  /// Does the work on the voxels as what they are.
  func perform<Work: ScalarWork>(_ work: Work) -> Work.Result {
    switch type {
    case .bool: work(typed(TruthValue.self))
    case .uint8: work(typed(UInt8.self))
    case .int8: work(typed(Int8.self))
    case .uint16: work(typed(UInt16.self))
    case .int16: work(typed(Int16.self))
    case .uint32: work(typed(UInt32.self))
    case .int32: work(typed(Int32.self))
    case .uint64: work(typed(UInt64.self))
    case .int64: work(typed(Int64.self))
    case .float16: work(typed(Float16.self))
    case .bfloat16: work(typed(BFloat16.self))
    case .float32: work(typed(Float.self))
    case .float64: work(typed(Double.self))
    }
  }

  private func typed<S: Scalar>(_: S.Type) -> UnsafeBufferPointer<S> {
    UnsafeBufferPointer(start: base.assumingMemoryBound(to: S.self), count: count)
  }
}
