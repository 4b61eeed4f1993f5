internal import Glibc
internal import PonsKit
internal import PonsWeights

/// A model that is on its way into the store: a folder that nobody else sees, until it is whole.
public struct ModelDraft: ~Copyable {
  /// The model.
  public let model: RegisteredModel
  /// Where its files are collected.
  public let folder: String
  private var files: [String: ModelRecord.File] = [:]
  private var hasScratch = false
  /// Locked as long as the draft is: see ``removeAbandoned(in:)``.
  private let lock: Int32
  private let store: ModelStore

  fileprivate init(_ model: RegisteredModel, _ store: ModelStore) throws(ModelError) {
    self.model = model
    self.store = store
    try Paths.makeFolder(store.root)
    Self.removeAbandoned(in: store.root)
    var template = Array("\(store.root)/.arriving-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Paths.failure("make a folder in", store.root)
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(folder, 0o755)
    lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    flock(lock, LOCK_EX | LOCK_NB)
  }

  /// Removes what processes have left that were killed: drafts that nobody holds a lock on.
  private static func removeAbandoned(in root: String) {
    for name in Paths.names(in: root) where name.hasPrefix(".arriving-") {
      let folder = open("\(root)/\(name)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if folder < 0 { continue }
      if !name.hasSuffix("-scratch"), !name.hasSuffix("-old"), flock(folder, LOCK_EX | LOCK_NB) == 0
      {
        for ending in ["", "-scratch"] { Paths.remove("\(root)/\(name)\(ending)") }
      }
      close(folder)
    }
  }

  deinit {
    close(lock)
    Paths.remove(folder)
    if hasScratch { Paths.remove(folder + "-scratch") }
  }

  /// A folder for what is not yet a file of the model; it goes with the draft.
  public mutating func scratch() throws(ModelError) -> String {
    hasScratch = true
    try Paths.makeFolder(folder + "-scratch")
    return folder + "-scratch"
  }

  /// Takes a file in and checks its size and digest.
  ///
  /// - Parameters:
  ///   - name: the name of a file of the model.
  ///   - path: the file.
  ///   - isMoved: whether the file itself is taken, which must be on the store's file system, and not a copy.
  ///   - progress: called with the number of bytes that were just read.
  /// - Throws: ``ModelError`` that says what was expected; the file stays where it was.
  public mutating func add(
    _ name: String, from path: String, isMoved: Bool = false, progress: (Int) -> Void = { _ in }
  ) throws(ModelError) {
    let target = "\(folder)/\(name)"
    let found = try FileDigest.of(path, copyingTo: isMoved ? nil : target, progress: progress)
    try model.check(name, sha256: found.sha256, size: found.size)
    if isMoved, rename(path, target) != 0 { throw Paths.failure("move", path) }
    files[name] = ModelRecord.File(sha256: found.sha256, size: found.size)
  }

  /// Takes bytes in as a file and checks their number and digest.
  ///
  /// - Parameter sha256: what somebody else says that the digest is, or nil.
  /// - Throws: ``ModelError`` that says what was expected.
  public mutating func add(
    _ name: String, _ bytes: UnsafeRawBufferPointer, sha256: String? = nil
  ) throws(ModelError) {
    guard RegisteredModel.isSound(part: name) else {
      throw ModelError("'\(name)' cannot be a file's name", model: model.name)
    }
    let target = "\(folder)/\(name)"
    guard let stream = fopen(target, "wxe") else { throw Paths.failure("write", target) }
    let isWritten = fwrite(bytes.baseAddress, 1, bytes.count, stream) == bytes.count
    guard fclose(stream) == 0, isWritten else { throw Paths.failure("write", target) }
    let found = try FileDigest.of(target)
    try model.check(name, sha256: found.sha256, size: found.size)
    if let sha256, sha256 != found.sha256 {
      throw ModelError(
        "'\(name)' has the SHA-256 \(found.sha256), expected \(sha256)", model: model.name,
        hint: "the file that it was brought in is damaged; bring it again")
    }
    files[name] = ModelRecord.File(sha256: found.sha256, size: found.size)
  }

  /// Puts the model in its place, in one step, after reading its weights.
  ///
  /// - Parameter source: where it came from, for people.
  /// - Throws: ``ModelError``, or `WeightError` when the weights cannot be read.
  public consuming func store(source: String) throws {
    for file in model.files
    where ([file.name] + file.alternatives).allSatisfy({ files[$0] == nil }) {
      throw ModelError("'\(file.name)' is missing", model: model.name)
    }
    _ = try ModelFolder(path: folder).weights()
    let record = ModelRecord(name: model.name, source: source, files: files)
    try record.write(to: folder)
    let place = store.folder(model.name)
    try Paths.makeFolder(Paths.parent(place))
    let old = folder + "-old"
    let isReplaced = rename(place, old) == 0
    if rename(folder, place) != 0 {
      let failure = Paths.failure("write", place)
      if isReplaced { rename(old, place) }
      throw failure
    }
    if isReplaced { Paths.remove(old) }
  }
}

extension RegisteredModel {
  /// Compares a file that arrived with what the registry says.
  public func check(_ name: String, sha256: String, size: Int) throws(ModelError) {
    guard let file = file(name) else {
      throw ModelError("it has no file '\(name)'", model: self.name)
    }
    if let expected = file.size, size != expected {
      throw ModelError(
        "'\(name)' has \(size) bytes, expected \(expected)", model: self.name,
        hint: "it was cut off or is another version")
    }
    if !file.digest.allows(sha256) {
      let expected =
        switch file.digest {
        case .known(let known): known
        case .begins(let start): start + "..."
        case .unknown: ""
        }
      throw ModelError(
        "'\(name)' has the SHA-256 \(sha256), expected \(expected)", model: self.name,
        hint: "it is damaged, another version, or was tampered with; it is not used")
    }
  }

  /// The files whose digest nobody knew before they arrived.
  public var unverifiableFiles: [String] {
    files.filter { if case .known = $0.digest { false } else { true } }.map(\.name)
  }
}

extension ModelStore {
  /// Begins to store a model.
  ///
  /// - Throws: ``ModelError`` when it is not in the registry, or the store cannot be written.
  public func draft(_ name: String) throws(ModelError) -> ModelDraft {
    let model = try registry.model(name)
    if case .beside = model.source {
      throw ModelError("it came with the registry and is always there", model: name)
    }
    return try ModelDraft(model, self)
  }

  /// Stores a model from a file or a folder; what else a folder holds is left behind.
  ///
  /// - Parameter progress: called with the number of bytes that were just read.
  /// - Throws: ``ModelError`` or `WeightError`; the store is as it was then.
  public func importModel(
    _ name: String, from path: String, progress: (Int) -> Void = { _ in }
  ) throws {
    var draft = try draft(name)
    let files = draft.model.files
    if Paths.isFile(path) {
      guard files.count == 1 else {
        throw ModelError(
          "it has \(files.count) files, but \(path) is one", model: name,
          hint: "name the folder with \(files.map(\.name).joined(separator: ", "))")
      }
      try draft.add(files[0].name, from: path, progress: progress)
    } else {
      for file in files {
        let names = [file.name] + file.alternatives
        guard let found = names.first(where: { Paths.isFile("\(path)/\($0)") }) else {
          throw ModelError(
            "\(path) has no \(names.map { "'\($0)'" }.joined(separator: " or "))", model: name)
        }
        try draft.add(found, from: "\(path)/\(found)", progress: progress)
      }
    }
    try draft.store(source: path)
  }
}
