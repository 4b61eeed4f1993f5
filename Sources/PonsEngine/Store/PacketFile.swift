internal import Glibc
internal import PonsKit

extension Packet {
  /// Names of the members of `__metadata__` in a packet's file.
  private enum Member {
    static let kind = "pons.kind"
    static let metadata = "pons.metadata"
    static let sidecar = "pons.sidecar"
    static let caseKey = "pons.case"
    static let identity = "pons.identity"
  }

  /// The header of the packet as a safetensors file. The data follow it as they lie in the packet's buffer, so that
  /// writing a packet copies nothing.
  private func header() throws -> [UInt8] {
    var members = [
      Member.kind: kind, Member.metadata: metadata, Member.identity: identity,
      Member.sidecar: sidecar,
    ]
    if let caseKey { members[Member.caseKey] = caseKey }
    let entries = tensors.map { tensor in
      SafetensorsHeader.Entry(tensor.name, tensor.type, tensor.shape, offset: tensor.offset)
    }
    return try SafetensorsHeader(entries: entries, metadata: members).serialized()
  }

  /// Bytes of data behind the header: up to the end of the last tensor.
  private var dataCount: Int { tensors.map { $0.offset + $0.byteCount }.max() ?? 0 }

  private var data: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: buffer.map { $0.base + dataStart }, count: dataCount)
  }

  /// About how many bytes the packet's file has.
  var fileSize: Int { dataCount + metadata.utf8.count + sidecar.utf8.count + 256 }

  /// All bytes of the packet's file, for packets small enough to be copied.
  func fileBytes() throws -> [UInt8] {
    var bytes = try header()
    bytes.append(contentsOf: data)
    return bytes
  }

  /// Writes the packet as a safetensors file and answers the SHA-256 of its bytes. The file is not there before: a name that
  /// exists is an error.
  func write(to path: String) throws -> String {
    let header = try header()
    var hash = SHA256()
    try FileSystem.create(path) { descriptor in
      try header.withUnsafeBytes {
        hash.update($0)
        try FileSystem.write($0, to: descriptor, name: path)
      }
      hash.update(data)
      try FileSystem.write(data, to: descriptor, name: path)
    }
    return try hash.finish()
  }

  /// Reads a packet from the bytes of its file, which `buffer` keeps.
  ///
  /// - Throws: `StageFailure`, code `STORE_DAMAGED`, when the bytes are no packet.
  static func parse(_ buffer: Buffer) throws -> Packet {
    let bytes = UnsafeRawBufferPointer(start: buffer.base, count: buffer.size)
    let header: SafetensorsHeader
    do {
      header = try SafetensorsHeader(parsing: bytes)
    } catch {
      throw StageFailure(.resource, code: "STORE_DAMAGED", "a packet cannot be read back: \(error)")
    }
    guard let kind = header.metadata[Member.kind], let metadata = header.metadata[Member.metadata],
      let identity = header.metadata[Member.identity]
    else {
      throw StageFailure(.resource, code: "STORE_DAMAGED", "a stored file is no packet")
    }
    let dataStart = buffer.size - header.dataSize
    let base = UnsafeRawPointer(buffer.base) + dataStart
    let tensors = header.entries.map { entry in
      PacketTensor(
        name: entry.name, type: entry.type, shape: entry.shape, data: base + entry.offset,
        offset: entry.offset)
    }
    return Packet(
      kind: kind, caseKey: header.metadata[Member.caseKey],
      tensors: tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
      metadata: metadata, sidecar: header.metadata[Member.sidecar] ?? "{}", identity: identity,
      buffer: buffer, dataStart: dataStart)
  }

  /// SHA-256 over kind, tensors and metadata: the identity of packets whose making cannot be repeated.
  static func contentDigest(kind: String, tensors: [PacketTensor], metadata: String) throws
    -> String
  {
    var hash = SHA256()
    hash.update(field: "pons content 1")
    hash.update(field: kind)
    hash.update(field: metadata)
    for tensor in tensors {
      hash.update(field: tensor.name)
      hash.update(field: tensor.type.rawValue)
      hash.update(field: "\(tensor.shape)")
      hash.update(tensor.bytes)
    }
    return try hash.finish()
  }
}
