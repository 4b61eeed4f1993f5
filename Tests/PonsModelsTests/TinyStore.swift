import Glibc
import PonsKit
import PonsModels
import TestFolders

/// A store with a registry of its own.
struct TinyStore {
  let folder: TemporaryFolder
  let store: ModelStore

  /// A safetensors file with one tensor, `a`, of one number.
  static func weights(_ value: Float = 1) -> [UInt8] {
    let json = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    return withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) }
      + Array(json.utf8) + withUnsafeBytes(of: value) { Array($0) }
  }

  /// SHA-256 of `weights()`, by sha256sum.
  static let digest = "938a1286932d19c8c3799f0861ecdee467405712d99a11a69e79dd47387d40de"

  /// An entry of a registry, with other members where they are given.
  static func entry(_ name: String, _ other: [String: JSON] = [:]) -> JSON {
    let members: [String: JSON] = [
      "name": .string(name), "summary": "A model", "architecture": "tiny", "licence": "MIT",
      "citation": "Nobody", "source": ["url": "http://127.0.0.1:9/"],
      "files": [["name": "model.safetensors", "sha256": .string(digest), "size": 66]],
      "preprocessing": [
        "size": 256, "resize": "longest-side", "interpolation": "bilinear", "scaling": "min-max",
        "padding": "right-bottom", "prompts": ["box"],
      ],
    ]
    return .object(members.merging(other) { $1 })
  }

  /// Models: `known` (with a digest), `new/one` (without), `pair` (two files).
  init(entries: [JSON]? = nil) throws {
    folder = try TemporaryFolder()
    let unknown: JSON = [["name": "model.safetensors", "or": ["old.pth"], "sha256": "unknown"]]
    let pair: JSON = [
      ["name": "config.json", "sha256": "unknown"],
      ["name": "model.safetensors", "sha256": .string(String(Self.digest.prefix(8)) + "...")],
    ]
    let models =
      entries ?? [
        Self.entry("known"), Self.entry("new/one", ["files": unknown]),
        Self.entry("pair", ["files": pair]),
      ]
    let json: JSON = ["pons-models": 1, "models": .array(models)]
    let file = try folder.write(Array(json.canonical.utf8), "registry.json")
    store = ModelStore(
      root: folder.path + "store", registry: try ModelRegistry(files: [file]))
  }

  /// Names in the store's folder; nothing may be left of what failed.
  var names: [String] {
    guard let stream = opendir(store.root) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }
}
