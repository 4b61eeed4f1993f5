internal import CPonsSystem
internal import Glibc

/// Weight files that tests use.
enum Weights {
  /// The heap as the host has it: the stages are slow without.
  static let heap: Void = pons_system_keep_pages()

  /// The fixtures' folder.
  static var fixtures: String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    while let last = parts.last, last != "SAMTests" { parts.removeLast() }
    return parts.joined(separator: "/") + "/Fixtures"
  }

  /// A small network with random weights: TinyViT, boxes only, images of 256 pixels.
  static var small: String { fixtures + "/tinyvit-weights.safetensors" }

  /// LiteMedSAM's, where the store has them; "make test" fetches them.
  static var liteMedSAM: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let root =
      variable("PONS_MODELS") ?? variable("XDG_DATA_HOME").map { $0 + "/pons/models" }
      ?? variable("HOME").map { $0 + "/.local/share/pons/models" }
    guard let path = root.map({ $0 + "/lite-medsam/lite_medsam.pth" }), access(path, R_OK) == 0
    else { return nil }
    return path
  }
}
