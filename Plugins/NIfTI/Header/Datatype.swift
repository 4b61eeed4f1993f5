package import PonsKit

/// The voxel types of NIfTI, by the code in the header's field `datatype`.
package enum Datatype: Int, Sendable, CaseIterable {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280

  /// The type in a packet.
  package var elementType: ElementType {
    switch self {
    case .uint8: .uint8
    case .int16: .int16
    case .int32: .int32
    case .float32: .float32
    case .float64: .float64
    case .int8: .int8
    case .uint16: .uint16
    case .uint32: .uint32
    case .int64: .int64
    case .uint64: .uint64
    }
  }

  /// The NIfTI type for the elements of a packet; nil for those that NIfTI does not have.
  package init?(_ type: ElementType) {
    guard let match = Self.allCases.first(where: { $0.elementType == type }) else { return nil }
    self = match
  }

  /// Names of the types that NIfTI defines and a volume cannot hold.
  static func unsupportedName(_ code: Int) -> String? {
    switch code {
    case 0: "unknown (0)"
    case 1: "binary (1 bit a voxel)"
    case 32: "complex64"
    case 128: "RGB24"
    case 1536: "float128"
    case 1792: "complex128"
    case 2048: "complex256"
    case 2304: "RGBA32"
    default: nil
    }
  }

  /// The type of the values after `stored * slope + intercept`: 8 and 16 bits fit float32, the others need float64.
  var scaledType: ElementType { elementType.size <= 2 ? .float32 : .float64 }
}
