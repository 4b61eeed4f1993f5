public import PonsKit

/// The tensors of a weight file by name. Nothing in a file is ever run.
///
///     let weights = try WeightFile(path: "lite_medsam.pth")
///     let tensor = try weights.tensor("mask_decoder.iou_token.weight")
///     tensor.type, tensor.shape, tensor.bytes
///
/// Formats are told by content: safetensors, and the archives of `torch.save` (PyTorch 1.6 and later).
public struct WeightFile: Sendable {
  /// How a file is laid out.
  public enum Format: String, Sendable, Hashable {
    /// A header in JSON, then the data; https://github.com/huggingface/safetensors.
    case safetensors
    /// A zip archive with a pickled state dict.
    case torch
  }

  /// The file, as the caller named it.
  public let path: String
  /// How it is laid out.
  public let format: Format
  /// In the order of the file.
  public let tensors: [WeightTensor]
  /// What else the file says: strings of `__metadata__`, or numbers and strings beside the state dict.
  public let metadata: [String: JSON]
  private let places: [String: Int]

  /// Maps and reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - section: where the state dict is inside the file of a training run, like `model` or `ema.state_dict`;
  ///     nil takes the only one that there is.
  /// - Throws: ``WeightError``.
  public init(path: String, section: String? = nil) throws(WeightError) {
    try self.init(memory: try .mapping(path), path: path, section: section)
  }

  /// Reads a file that is in memory already.
  ///
  /// - Throws: ``WeightError``.
  public init(memory: WeightMemory, path: String, section: String? = nil) throws(WeightError) {
    defer { withExtendedLifetime(memory) {} }
    let bytes = memory.bytes
    if bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4b, 0x05, 0x06])
    {
      let archive = try TorchArchive(memory, file: path)
      let dict = try archive.stateDict(section: section)
      try self.init(
        path: path, format: .torch, tensors: dict.tensors, metadata: dict.metadata)
    } else if bytes.count > 8, bytes[8] == UInt8(ascii: "{") {
      if let section {
        throw WeightError(
          "a safetensors file has no section '\(section.shownInErrors)': it is flat", file: path)
      }
      try self.init(safetensors: memory, path: path)
    } else {
      throw ForeignFormat.error(bytes, file: path)
    }
  }

  init(
    path: String, format: Format, tensors: [WeightTensor], metadata: [String: JSON]
  ) throws(WeightError) {
    self.path = path
    self.format = format
    self.tensors = tensors
    self.metadata = metadata
    var places: [String: Int] = [:]
    for (place, tensor) in tensors.enumerated() {
      if places.updateValue(place, forKey: tensor.name) != nil {
        throw WeightError("the name occurs twice", file: path, key: tensor.name)
      }
    }
    self.places = places
  }

  /// The tensor with a name, or nil.
  public subscript(name: String) -> WeightTensor? { places[name].map { tensors[$0] } }

  /// The tensor with a name.
  ///
  /// - Throws: ``WeightError`` that names it.
  public func tensor(_ name: String) throws(WeightError) -> WeightTensor {
    guard let tensor = self[name] else {
      let first = tensors.prefix(3).map { "'\($0.name.shownInErrors)'" }.joined(separator: ", ")
      throw WeightError(
        "there is no such tensor", file: path, key: name,
        hint: tensors.isEmpty
          ? "the file has no tensors" : "the file has \(tensors.count) tensors: \(first), ...")
    }
    return tensor
  }

  private init(safetensors memory: WeightMemory, path: String) throws(WeightError) {
    defer { withExtendedLifetime(memory) {} }
    let header: SafetensorsHeader
    let dataOffset: Int
    do throws(SafetensorsError) {
      dataOffset = try SafetensorsHeader.dataOffset(of: memory.bytes)
      header = try SafetensorsHeader(parsing: memory.bytes)
    } catch {
      throw WeightError(
        error.message, file: path, key: error.tensor,
        hint: "the file is damaged or was cut off; fetch it again")
    }
    var tensors: [WeightTensor] = []
    tensors.reserveCapacity(header.entries.count)
    for entry in header.entries {
      let start = dataOffset + entry.offset
      tensors.append(
        try WeightTensor(
          entry.name, entry.type, entry.shape, memory: memory,
          range: start..<(start + entry.byteCount)))
    }
    try self.init(
      path: path, format: .safetensors, tensors: tensors,
      metadata: header.metadata.mapValues(JSON.string))
  }
}

/// Files that are not weights, or not in a form that is read, told by how they begin.
private enum ForeignFormat {
  static func error(_ bytes: UnsafeRawBufferPointer, file: String) -> WeightError {
    func begins(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
    if bytes.isEmpty {
      return WeightError("the file is empty", file: file, hint: "fetch it again")
    }
    // A pickled PyTorch magic number; before 1.6 the storages followed as plain bytes.
    let isLegacy =
      bytes.count > 20 && bytes[0] == 0x80 && bytes[2] == 0x8a && bytes[3] == 0x0a
      && bytes[4...].starts(with: [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19])
    let isTar = bytes.count > 262 && bytes[257..<262].elementsEqual("ustar".utf8)
    if isLegacy || isTar {
      return WeightError(
        "this file is in the form that PyTorch wrote before version 1.6", file: file,
        hint: "save it again with PyTorch: "
          + "torch.save(torch.load(FILE, weights_only=True, map_location='cpu'), NEW)")
    }
    if begins("version https://git-lfs") {
      return WeightError(
        "this is a pointer of Git LFS and not the file itself", file: file,
        hint: "run \"git lfs pull\" in the folder that it came from")
    }
    if begins("<") {
      return WeightError(
        "this is a web page and not a weight file", file: file,
        hint: "the address answered with a page; look at it with a browser")
    }
    let start = bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
    return WeightError(
      "this is neither safetensors nor an archive of torch.save: it begins with \(start)",
      file: file, offset: 0, hint: "fetch it again, or convert it with the safetensors package")
  }
}
