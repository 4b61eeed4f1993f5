internal import CTorch
internal import Glibc
internal import PonsFiles
internal import PonsKit

extension StateDict {
  /// Writes a safetensors file: under a temporary name beside it first, so that a file of this name is always whole.
  ///
  /// - Parameters:
  ///   - path: an existing file is replaced.
  ///   - metadata: strings for `__metadata__`.
  /// - Throws: `StageFailure` when the disk is full or the folder cannot be written to; ``TorchError`` for a tensor of a type
  ///   that files cannot hold.
  public func write(to path: String, metadata: [String: String] = [:]) throws {
    var plain: [(name: String, tensor: Tensor)] = []
    var requests: [TensorRequest] = []
    for (name, tensor) in entries {
      guard let type = tensor.type else {
        throw TorchError("writing '\(name)'", "unknown type of elements", operands: [tensor])
      }
      plain.append((name, try tensor.detach().on(.cpu).contiguous()))
      requests.append(TensorRequest(name, type, tensor.shape))
    }
    let header = try SafetensorsHeader(layingOut: requests, metadata: metadata)
    let temporary = path + ".part"
    do {
      let file = try NewFile(path: temporary)
      try header.serialized().withUnsafeBytes { try file.write($0) }
      var end = 0
      let zeros = [UInt8](repeating: 0, count: SafetensorsHeader.alignment)
      // Tensors were laid out in this order.
      for (name, tensor) in plain {
        guard let place = header.entry(name) else { continue }
        try zeros.prefix(place.offset - end).withUnsafeBytes { try file.write($0) }
        try tensor.withBytes { try file.write($0) }
        end = place.offset + place.byteCount
      }
      try file.sync()
      try file.close()
    } catch {
      unlink(temporary)
      throw error
    }
    if rename(temporary, path) != 0 {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw StageFailure(
        .resource, code: "IO_ERROR", "a weight file cannot be given its name: \(reason)")
    }
  }
}
