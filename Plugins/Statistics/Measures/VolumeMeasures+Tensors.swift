internal import PonsKit

extension VolumeMeasures {
  /// Measures a tensor of any element type.
  init(_ tensor: TensorView, progress: () throws -> Void) throws {
    func measured<Element: TensorElement>(_: Element.Type, _ double: (Element) -> Double) throws
      -> VolumeMeasures
    {
      try tensor.withElements(of: Element.self) {
        try VolumeMeasures($0, double: double, progress: progress)
      }
    }
    func measured<Bits>(bits _: Bits.Type, _ double: (Bits) -> Double) throws -> VolumeMeasures {
      try tensor.withBytes {
        try VolumeMeasures($0.bindMemory(to: Bits.self), double: double, progress: progress)
      }
    }
    self =
      switch tensor.type {
      case .bool: try measured(bits: UInt8.self) { $0 == 0 ? 0 : 1 }
      case .uint8: try measured(UInt8.self) { Double($0) }
      case .int8: try measured(Int8.self) { Double($0) }
      case .uint16: try measured(UInt16.self) { Double($0) }
      case .int16: try measured(Int16.self) { Double($0) }
      case .uint32: try measured(UInt32.self) { Double($0) }
      case .int32: try measured(Int32.self) { Double($0) }
      case .uint64: try measured(UInt64.self) { Double($0) }
      case .int64: try measured(Int64.self) { Double($0) }
      case .float16: try measured(Float16.self) { Double($0) }
      case .bfloat16:
        try measured(bits: UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
      case .float32: try measured(Float.self) { Double($0) }
      case .float64: try measured(Double.self) { $0 }
      }
  }
}
