internal import PonsEngine
internal import PonsKit
internal import PonsManifest
internal import PonsModels

extension LockFile {
  /// What a run would depend on now.
  ///
  /// - Throws: what cannot be read. A model whose files are not what was stored is a difference and no error.
  init(
    _ manifest: LoadedManifest, _ configuration: RunConfiguration, _ context: CommandContext
  ) throws {
    let graph = configuration.graph
    var sections: [String: [String: JSON]] = [:]
    for (index, file) in manifest.effective.files.enumerated() {
      let name = file.split(separator: "/").last.map(String.init) ?? file
      sections["documents", default: [:]]["\(index + 1) \(name)"] =
        .string(try SHA256.digest(file: file))
    }
    sections["settings"] = graph.lockedSettings
    sections["settings"]?["seed"] = .integer(Int64(clamping: configuration.seed))
    for id in Set(graph.stages.map(\.descriptor.id)).sorted() {
      guard let entry = manifest.catalogue.entry(id) else { continue }
      let digests = try manifest.catalogue.digests(entry.file)
      let name = entry.file.split(separator: "/").last.map(String.init) ?? entry.file
      sections["plugins", default: [:]][name] = [
        "sha256": .string(digests.own),
        "code": .string(configuration.providers[id]?.codeDigest ?? ""),
      ]
      for (library, digest) in digests.beside {
        sections["libraries", default: [:]][library] = .string(digest)
      }
    }
    sections["files"] = try Self.files(graph)
    sections["models"] = Self.models(graph, context)
    sections["host"] = try Self.host(context)
    self.init(name: "now", sections: sections)
  }

  private static func host(_ context: CommandContext) throws -> [String: JSON] {
    var host: [String: JSON] = ["version": .string(ProgramVersion.text)]
    // The running program and not what may have taken its place.
    host["pons"] = .string(try SHA256.digest(file: "/proc/self/exe"))
    let worker = FilePaths.join(FilePaths.folder(of: context.executable), "pons-worker")
    if FilePaths.isFile(worker) { host["pons-worker"] = .string(try SHA256.digest(file: worker)) }
    return host
  }

  /// Models that stages name as the registry does.
  private static func models(_ graph: Graph, _ context: CommandContext) -> [String: JSON] {
    let values = graph.stages.flatMap { $0.parameters.values.flatMap(\.texts) }
    guard let store = try? ModelStore(environment: context.environment) else { return [:] }
    var models: [String: JSON] = [:]
    for name in Set(values) where store.registry.models.contains(where: { $0.name == name }) {
      do {
        models[name] = .string(try store.locate(name).digest)
      } catch {
        models[name] = .string(error.description)
      }
    }
    return models
  }

  /// Files that parameters name: weights, tables. Those of sources of cases are the input, which is not locked.
  private static func files(_ graph: Graph) throws -> [String: JSON] {
    var files: [String: JSON] = [:]
    for stage in graph.stages where !stage.descriptor.isSourceOfCases {
      for (name, value) in stage.parameters {
        guard let type = stage.descriptor.parameter(name)?.type,
          type == .path || type == .array(.path)
        else { continue }
        for (index, path) in value.texts.enumerated() {
          let key = "\(stage.name).\(name)" + (type == .path ? "" : "[\(index)]")
          files[key] = .string(try digest(path))
        }
      }
    }
    return files
  }

  /// Of a file, or of all files below a folder with their names.
  private static func digest(_ path: String, depth: Int = 0) throws -> String {
    if FilePaths.isFile(path) { return try SHA256.digest(file: path) }
    guard FilePaths.isFolder(path), depth < 16 else { return "not there" }
    var hash = SHA256()
    for name in FilePaths.names(in: path) {
      hash.update(field: name)
      hash.update(field: try digest(FilePaths.join(path, name), depth: depth + 1))
    }
    return try hash.finish()
  }
}

extension JSON {
  /// The value when it is a text, or all texts in it when it is a list.
  fileprivate var texts: [String] {
    string.map { [$0] } ?? (array ?? []).compactMap(\.string)
  }
}

extension StageDescriptor {
  fileprivate var isSourceOfCases: Bool {
    inputs.isEmpty && outputs.contains { $0.flow == .output(.perCase) }
  }
}

extension Graph {
  /// Everything that stages are told, but paths.
  fileprivate var lockedSettings: [String: JSON] {
    var settings: [String: JSON] = ["unsupervised": .bool(isUnsupervised)]
    for stage in stages {
      let name = stage.name
      settings["\(name).use"] = .string("\(stage.descriptor.id) \(stage.descriptor.version)")
      for input in stage.inputs {
        settings["\(name).in.\(input.port)"] = .string(
          "\(stages[input.stage].name).\(input.output)")
      }
      for (parameter, value) in stage.parameters {
        let type = stage.descriptor.parameter(parameter)?.type
        if type != .path, type != .array(.path) { settings["\(name).with.\(parameter)"] = value }
      }
      settings["\(name).threads"] = stage.threads.map { .integer(Int64($0)) }
      settings["\(name).min_cases"] = .integer(Int64(stage.minimumCases))
      settings["\(name).max_quarantined"] = stage.maximumQuarantined.map { .integer(Int64($0)) }
      settings["\(name).retries"] = .integer(Int64(stage.retries))
    }
    for output in outputs {
      settings["outputs.\(output.name)"] = .string("\(stages[output.stage].name).\(output.output)")
    }
    return settings
  }
}
