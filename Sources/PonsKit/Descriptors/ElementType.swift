/// The type of a tensor's elements. Raw values are the names that manifests and descriptors use.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64
  case float16, bfloat16, float32, float64

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// The name in a safetensors header.
  public var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8: "U8"
    case .int8: "I8"
    case .uint16: "U16"
    case .int16: "I16"
    case .uint32: "U32"
    case .int32: "I32"
    case .uint64: "U64"
    case .int64: "I64"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float32: "F32"
    case .float64: "F64"
    }
  }

  /// DLPack's type code and number of bits (`PONS_INT` and so on in pons.h).
  public var dlpack: (code: UInt8, bits: UInt8) {
    switch self {
    case .bool: (6, 8)
    case .uint8: (1, 8)
    case .int8: (0, 8)
    case .uint16: (1, 16)
    case .int16: (0, 16)
    case .uint32: (1, 32)
    case .int32: (0, 32)
    case .uint64: (1, 64)
    case .int64: (0, 64)
    case .float16: (2, 16)
    case .bfloat16: (4, 16)
    case .float32: (2, 32)
    case .float64: (2, 64)
    }
  }

  /// The type with DLPack's code and bits, or nil when edges do not carry it.
  public init?(dlpackCode code: UInt8, bits: UInt8) {
    guard let match = Self.allCases.first(where: { $0.dlpack == (code, bits) }) else { return nil }
    self = match
  }

  /// The type with a safetensors name, or nil.
  public init?(safetensorsName name: String) {
    guard let match = Self.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
    self = match
  }
}
