internal import CTorch
internal import PonsKit

extension ElementType {
  /// libtorch's number for the type, or nil for uint16, uint32 and uint64, which it cannot compute with.
  var torchCode: Int32? {
    switch self {
    case .bool: PONS_TORCH_BOOL
    case .uint8: PONS_TORCH_UINT8
    case .int8: PONS_TORCH_INT8
    case .int16: PONS_TORCH_INT16
    case .int32: PONS_TORCH_INT32
    case .int64: PONS_TORCH_INT64
    case .float16: PONS_TORCH_FLOAT16
    case .bfloat16: PONS_TORCH_BFLOAT16
    case .float32: PONS_TORCH_FLOAT32
    case .float64: PONS_TORCH_FLOAT64
    case .uint16, .uint32, .uint64: nil
    }
  }

  init?(torchCode: Int32) {
    guard let match = Self.allCases.first(where: { $0.torchCode == torchCode }) else { return nil }
    self = match
  }

  func requiredTorchCode(_ operation: String) throws(TorchError) -> Int32 {
    guard let torchCode else {
      throw TorchError(
        operation, "libtorch has no \(rawValue); convert the elements first, to float32 say")
    }
    return torchCode
  }
}
