internal import CTorch

/// Where a tensor's elements are.
public enum Device: Sendable, Hashable, CustomStringConvertible {
  /// The machine's memory.
  case cpu
  /// The memory of an NVIDIA device, counted from 0.
  case cuda(Int)

  /// As PyTorch writes it: `cpu`, `cuda:0`.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    }
  }

  /// The device that a text names: `cpu`, `cuda` or `cuda:N`.
  ///
  /// - Throws: ``TorchError`` when the text names none, or a device that this machine or this LibTorch lacks.
  public init(parsing text: String) throws(TorchError) {
    if text == "cpu" {
      self = .cpu
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.first == "cuda", parts.count <= 2,
      let index = parts.count == 2 ? Int(parts[1]) : 0, index >= 0
    else { throw TorchError("device '\(text)'", "expected cpu, cuda or cuda:N") }
    let count = TorchRuntime.cudaDevices
    if index >= count {
      throw TorchError(
        "device '\(text)'",
        count == 0
          ? "this LibTorch sees no CUDA device; say cpu" : "there are \(count), counted from 0")
    }
    self = .cuda(index)
  }

  var code: (type: Int32, index: Int32) {
    switch self {
    case .cpu: (PONS_TORCH_CPU, 0)
    case .cuda(let index): (PONS_TORCH_CUDA, Int32(clamping: index))
    }
  }
}
