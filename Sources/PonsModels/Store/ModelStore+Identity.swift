public import PonsKit
internal import PonsWeights

extension ModelStore {
  /// Everything that a model's name may stand for on this machine, as a plugin tells the host that its results depend on it:
  /// the registries, the recorded digests of what is stored, and the models that come with Pons. Results that were made with
  /// other weights or another preprocessing under the same name are then not used again.
  ///
  /// - Returns: no library when there is no registry and no store; stages say so when they need a model.
  public static var inUse: [LibraryInUse] {
    guard let store = try? ModelStore(), let shipped = try? ModelRegistry.shippedFile() else {
      return []
    }
    let identity = store.identity(shipped: Paths.parent(shipped))
    return [LibraryInUse("models", version: String(identity.prefix(16)))]
  }

  /// SHA-256 over the registries, the records of stored models, and the files of models beside the shipped registry.
  package func identity(shipped: String) -> String {
    var text = ""
    func add(_ name: String, _ path: String) {
      let digest = try? FileDigest.of(path).sha256
      text += "\(name) \(digest ?? "unreadable")\n"
    }
    add("registry", "\(shipped)/registry.json")
    if Paths.isFile("\(root)/registry.json") { add("own registry", "\(root)/registry.json") }
    for name in registry.models.map(\.name).sorted() {
      let record = "\(folder(name))/\(ModelRecord.fileName)"
      if Paths.isFile(record) { add("stored \(name)", record) }
    }
    for name in Paths.names(in: shipped).sorted() where Paths.isFolder("\(shipped)/\(name)") {
      for file in Paths.names(in: "\(shipped)/\(name)").sorted() {
        add("shipped \(name)/\(file)", "\(shipped)/\(name)/\(file)")
      }
    }
    return FileDigest.of(text: text)
  }
}
