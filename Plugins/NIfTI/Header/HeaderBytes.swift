/// The bytes of a header, read and written field by field in either byte order.
struct HeaderBytes: Sendable {
  var bytes: [UInt8]
  let isBigEndian: Bool

  private func bits(at offset: Int, size: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<size {
      let place = isBigEndian ? size - 1 - index : index
      value |= UInt64(bytes[offset + place]) << UInt64(8 * index)
    }
    return value
  }

  private mutating func put(bits: UInt64, at offset: Int, size: Int) {
    for index in 0..<size {
      let place = isBigEndian ? size - 1 - index : index
      bytes[offset + place] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
    }
  }

  /// The values of an integer field.
  func integers(_ field: HeaderField) -> [Int] {
    (0..<field.count).map { index in
      let bits = bits(at: field.offset + index * field.kind.size, size: field.kind.size)
      return switch field.kind {
      case .byte: Int(UInt8(truncatingIfNeeded: bits))
      case .int16: Int(Int16(truncatingIfNeeded: bits))
      case .int32, .float32: Int(Int32(truncatingIfNeeded: bits))
      case .int64, .float64: Int(Int64(truncatingIfNeeded: bits))
      }
    }
  }

  /// The values of a field as double; exact for floats, integers up to 2^53.
  func reals(_ field: HeaderField) -> [Double] {
    (0..<field.count).map { index in
      let bits = bits(at: field.offset + index * field.kind.size, size: field.kind.size)
      return switch field.kind {
      case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .float64: Double(bitPattern: bits)
      case .byte: Double(UInt8(truncatingIfNeeded: bits))
      case .int16: Double(Int16(truncatingIfNeeded: bits))
      case .int32: Double(Int32(truncatingIfNeeded: bits))
      case .int64: Double(Int64(truncatingIfNeeded: bits))
      }
    }
  }

  /// The bytes of a text field.
  func text(_ field: HeaderField) -> [UInt8] {
    Array(bytes[field.offset..<field.offset + field.count])
  }

  /// Writes an integer field; values that do not fit are cut off, so callers check them before.
  mutating func put(_ values: [Int], _ field: HeaderField) {
    for (index, value) in values.prefix(field.count).enumerated() {
      let offset = field.offset + index * field.kind.size
      switch field.kind {
      case .float32, .float64: put([Double(value)], HeaderField(field.kind, offset))
      default:
        put(bits: UInt64(bitPattern: Int64(value)), at: offset, size: field.kind.size)
      }
    }
  }

  /// Writes a floating-point field.
  mutating func put(_ values: [Double], _ field: HeaderField) {
    for (index, value) in values.prefix(field.count).enumerated() {
      let offset = field.offset + index * field.kind.size
      let bits = field.kind == .float32 ? UInt64(Float(value).bitPattern) : value.bitPattern
      put(bits: bits, at: offset, size: field.kind.size)
    }
  }

  /// Writes a text field, cut off or filled up with zeros.
  mutating func put(text: [UInt8], _ field: HeaderField) {
    for index in 0..<field.count {
      bytes[field.offset + index] = index < text.count ? text[index] : 0
    }
  }
}
