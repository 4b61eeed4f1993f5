internal import PonsKit

/// The files of a `files` packet in the store: they lie beside the packet's own file, `3.files/` beside
/// `3.safetensors`.
struct StoredFiles {
  struct File {
    let name: String
    let path: String
    let size: Int
  }

  let files: [File]

  init(_ packet: Packet, at path: String) throws {
    guard path.hasSuffix(".safetensors"),
      let listed = try? JSON(parsing: packet.metadata)["files"]?.array
    else { throw StageFailure(.resource, code: "STORE_DAMAGED", "a files packet lists no files") }
    let folder = path.dropLast(".safetensors".count) + ".files"
    files = try listed.map { file in
      guard let name = file["name"]?.string, let size = file["bytes"]?.integer,
        CaseKey.isFileName(name)
      else { throw StageFailure(.resource, code: "STORE_DAMAGED", "a files packet lists no names") }
      return File(name: name, path: "\(folder)/\(name)", size: Int(size))
    }
  }
}
