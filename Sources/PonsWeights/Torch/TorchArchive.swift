internal import PonsKit

/// An archive of `torch.save`: `NAME/data.pkl` says which tensors there are, `NAME/data/KEY` are their storages.
///
/// The layout is that of caffe2/serialize/inline_container.h of PyTorch: a zip archive whose members are not
/// compressed and begin at multiples of 64 bytes. Compressed ones are read too.
struct TorchArchive {
  private let zip: ZipArchive
  private let file: String
  private let prefix: String
  private var members: [String: ZipArchive.Member] = [:]

  init(_ memory: WeightMemory, file: String) throws(WeightError) {
    self.file = file
    zip = try ZipArchive(memory, file: file)
    for member in zip.members {
      if members.updateValue(member, forKey: member.name) != nil {
        throw WeightError(
          "the archive has two members '\(member.name.shownInErrors)'", file: file)
      }
    }
    let roots = zip.members.map(\.name).filter {
      $0.hasSuffix("/data.pkl") && $0.utf8.count { $0 == UInt8(ascii: "/") } == 1
    }
    guard roots.count == 1 else {
      throw WeightError(
        roots.isEmpty
          ? "the zip archive has no 'NAME/data.pkl'" : "the archive has several 'NAME/data.pkl'",
        file: file, hint: "expected an archive of torch.save")
    }
    prefix = String(roots[0].dropLast("data.pkl".count))
    if members[prefix + "constants.pkl"] != nil {
      throw WeightError(
        "this is a TorchScript program and not a state dict", file: file,
        hint: "save the weights alone: torch.save(torch.jit.load(FILE).state_dict(), NEW)")
    }
  }

  /// The tensors of a section, or of the only state dict.
  func stateDict(
    section: String?
  ) throws(WeightError) -> (tensors: [WeightTensor], metadata: [String: JSON]) {
    if let order = members[prefix + "byteorder"] {
      if try !zip.contents(of: order).withBytes({ $0.elementsEqual("little".utf8) }) {
        throw WeightError(
          "the bytes of its numbers are in the order of another machine", file: file)
      }
    }
    guard let pickle = members[prefix + "data.pkl"] else {
      throw WeightError("the archive has no 'data.pkl'", file: file)
    }
    if pickle.size > PickleReader.maximumSize {
      throw WeightError("'data.pkl' has \(pickle.size) bytes, which cannot be right", file: file)
    }
    return try zip.contents(of: pickle).withBytes { bytes throws(WeightError) in
      var reader = PickleReader(bytes, file: file)
      let root = try reader.root()
      let found = try StateDictSearch(reader.heap, root: root, file: file).section(section)
      var storages: [String: ZipArchive.Contents] = [:]
      var tensors: [WeightTensor] = []
      tensors.reserveCapacity(found.tensors.count)
      for (name, place) in found.tensors {
        tensors.append(try tensor(name, reader.heap.tensors[place], reader.heap, &storages))
      }
      return (tensors, found.metadata)
    }
  }

  /// The bytes of a storage; storages that tensors share are opened once.
  private func contents(
    of storage: PickleHeap.Storage, for name: String,
    _ opened: inout [String: ZipArchive.Contents]
  ) throws(WeightError) -> ZipArchive.Contents {
    let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.size)
    guard let member = members["\(prefix)data/\(storage.key)"] else {
      throw WeightError(
        "the archive has no member 'data/\(storage.key.shownInErrors)'", file: file, key: name,
        hint: "the file is damaged; fetch it again")
    }
    if overflow || member.size != size {
      throw WeightError(
        "its storage has \(member.size) bytes, expected \(storage.count) elements of "
          + storage.type.rawValue, file: file, key: name)
    }
    if let contents = opened[storage.key] { return contents }
    let contents = try zip.contents(of: member)
    opened[storage.key] = contents
    return contents
  }

  private func tensor(
    _ name: String, _ tensor: PickleHeap.Tensor, _ heap: PickleHeap,
    _ opened: inout [String: ZipArchive.Contents]
  ) throws(WeightError) -> WeightTensor {
    let storage = heap.storages[tensor.storage]
    guard let window = StridedWindow(tensor), window.end <= storage.count,
      window.count <= max(storage.count, StridedWindow.maximumExpansion)
    else {
      throw WeightError(
        "shape \(tensor.shape), strides \(tensor.strides) and offset \(tensor.offset) do not fit "
          + "its storage of \(storage.count) elements", file: file, key: name,
        offset: tensor.position)
    }
    let contents = try contents(of: storage, for: name, &opened)
    let size = storage.type.size
    let first = contents.range.lowerBound
    let range =
      window.count == 0
      ? 0..<0 : (first + tensor.offset * size)..<(first + window.end * size)
    return try WeightTensor(
      name, storage.type, tensor.shape, strides: tensor.strides, memory: contents.memory,
      range: range)
  }
}

/// Which elements of a storage a tensor reaches.
private struct StridedWindow {
  /// Elements of the tensor.
  var count = 1
  /// One more than the last element that it reaches.
  var end: Int

  private static let maximumAxes = 32
  /// Tensors that were expanded have more elements than their storage, but not any number.
  static let maximumExpansion = 1 << 20

  /// Nil when numbers are negative or overflow.
  init?(_ tensor: PickleHeap.Tensor) {
    guard tensor.offset >= 0, tensor.offset < .max, tensor.shape.count == tensor.strides.count,
      tensor.shape.count <= Self.maximumAxes
    else { return nil }
    var last = tensor.offset
    for (extent, stride) in zip(tensor.shape, tensor.strides) {
      guard extent >= 0, stride >= 0 else { return nil }
      let (product, tooMany) = count.multipliedReportingOverflow(by: extent)
      let (reach, tooFar) = max(extent - 1, 0).multipliedReportingOverflow(by: stride)
      let (sum, overflow) = last.addingReportingOverflow(reach)
      if tooMany || tooFar || overflow || sum == .max { return nil }
      count = product
      last = sum
    }
    end = count == 0 ? 0 : last + 1
  }
}
