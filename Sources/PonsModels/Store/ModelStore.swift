internal import Glibc
internal import PonsKit
internal import PonsWeights

/// The models of this machine: a folder each, named as in the registry.
///
///     let model = try ModelStore().locate("lite-medsam")
///     let weights = try model.weights()
///     model.registered.preprocessing.size      // 256
///
/// What the registry knows of a file's digest decides; what it does not know is trusted on first use: the
/// digest is recorded when the file arrives, and every later load is compared with that.
public struct ModelStore: Sendable {
  /// The folder of all models.
  public let root: String
  /// What models there are.
  public let registry: ModelRegistry

  /// The store of the user, with the registry that comes with Pons and the site's own (`registry.json` in the store).
  ///
  /// The store is the folder that `PONS_MODELS` names, else `pons/models` in the user's data folder
  /// (`XDG_DATA_HOME`, or `~/.local/share`).
  ///
  /// - Throws: ``ModelError`` when a registry cannot be read, or there is no place.
  public init() throws(ModelError) {
    var environment: [String: String] = [:]
    for name in ["PONS_MODELS", "XDG_DATA_HOME", "HOME"] {
      environment[name] = getenv(name).map { String(cString: $0) }
    }
    try self.init(environment: environment)
  }

  /// The store that environment variables name; see ``init()``.
  public init(environment: [String: String]) throws(ModelError) {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let root =
      folder("PONS_MODELS")
      // The XDG specification has relative paths ignored.
      ?? folder("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 + "/pons/models" : nil }
      ?? folder("HOME").map { $0 + "/.local/share/pons/models" }
    guard let root else {
      throw ModelError("there is no place for models", hint: "name a folder with PONS_MODELS")
    }
    let own = root + "/registry.json"
    let files = [try ModelRegistry.shippedFile()] + (Paths.isFile(own) ? [own] : [])
    self.init(root: root, registry: try ModelRegistry(files: files))
  }

  /// A store in a folder.
  public init(root: String, registry: ModelRegistry) {
    self.root = root
    self.registry = registry
  }

  /// The folder of a model, whether it is there or not.
  public func folder(_ name: String) -> String {
    if case .beside(let folder) = try? registry.model(name).source { return folder }
    return "\(root)/\(name)"
  }

  /// Whether something is stored under a name, or came with the registry; it is not verified.
  public func holds(_ name: String) -> Bool {
    if let model = try? registry.model(name), case .beside(let folder) = model.source {
      return model.files.allSatisfy { Paths.isFile("\(folder)/\($0.name)") }
    }
    return Paths.isFile("\(folder(name))/\(ModelRecord.fileName)")
  }

  /// What was stored; of what came with the registry, what that says.
  func record(of model: RegisteredModel) throws(ModelError) -> ModelRecord {
    if case .beside = model.source {
      var files: [String: ModelRecord.File] = [:]
      for file in model.files {
        if case .known(let digest) = file.digest, let size = file.size {
          files[file.name] = ModelRecord.File(sha256: digest, size: size)
        }
      }
      return ModelRecord(name: model.name, source: model.source.text, files: files)
    }
    return try ModelRecord(folder: folder(model.name), name: model.name)
  }

  /// A model, after reading all its files once and comparing their digests (about 1.4 GB a second).
  ///
  /// - Parameter progress: called with the number of bytes that were just read.
  /// - Throws: ``ModelError``: with the command that fetches it when it is missing, and with the name of the file when
  ///   one is missing or has changed.
  public func locate(
    _ name: String, progress: (Int) -> Void = { _ in }
  ) throws(ModelError) -> StoredModel {
    let model = try registry.model(name)
    guard holds(name) else {
      if case .beside = model.source {
        throw ModelError(
          "files that come with the registry are missing", model: name, hint: again(model))
      }
      throw ModelError(
        "it is not on this machine", model: name,
        hint:
          "fetch it with: pons models fetch \(name) (or bring it: pons models import \(name) PATH)")
    }
    let record = try record(of: model)
    var files: [String: String] = [:]
    for file in model.files {
      guard let stored = ([file.name] + file.alternatives).first(where: { record.files[$0] != nil })
      else {
        throw ModelError("its record does not have '\(file.name)'", model: name, hint: again(model))
      }
      files[stored] = "\(folder(name))/\(stored)"
    }
    for (stored, path) in files.sorted(by: { $0.key < $1.key }) {
      let found = try FileDigest.of(path, progress: progress)
      let known = model.file(stored)?.digest ?? .unknown
      if found.sha256 != record.files[stored]?.sha256 || !known.allows(found.sha256) {
        throw ModelError(
          "'\(stored)' is not what was stored: its SHA-256 is \(found.sha256)", model: name,
          hint: "somebody changed it, or the disk is failing; \(again(model))")
      }
    }
    return StoredModel(
      registered: model, folder: folder(name), files: files, digest: record.digest(of: files.keys))
  }

  private func again(_ model: RegisteredModel) -> String {
    if case .beside = model.source { return "install what it came with again" }
    return "fetch or import it again: pons models fetch \(model.name)"
  }
}

extension RegisteredModel {
  /// The file that has a name, or for which a file of this name may stand. Digests and sizes belong to the first name.
  func file(_ name: String) -> File? {
    guard let file = files.first(where: { $0.name == name || $0.alternatives.contains(name) })
    else { return nil }
    return file.name == name
      ? file : File(name: name, alternatives: [], size: nil, digest: .unknown)
  }
}

extension ModelRecord {
  /// One digest for some of the files: that of their names and digests.
  func digest(of names: some Sequence<String>) -> String {
    let lines = names.sorted().map { "\(files[$0]?.sha256 ?? "")  \($0)\n" }
    return FileDigest.of(text: lines.joined())
  }
}
