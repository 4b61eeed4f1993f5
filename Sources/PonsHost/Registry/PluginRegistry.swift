internal import Glibc
public import PonsEngine
public import PonsKit
internal import Synchronization

/// A plugin file that was found and can be used.
public struct FoundPlugin: Sendable, Hashable {
  /// The file, without symbolic links.
  public var path: String
  /// What it says about itself.
  public var descriptor: PluginDescriptor
}

/// Something that was found and cannot be used.
public struct PluginProblem: Sendable, Hashable, CustomStringConvertible {
  /// The file or folder.
  public var path: String
  /// For machines: `CRASHED`, `HANGS`, `DUPLICATE`, ...
  public var code: String
  /// What was found and what was expected.
  public var message: String

  init(path: String, code: String, _ message: String) {
    self.path = path
    self.code = code
    self.message = message
  }

  /// The path with the message.
  public var description: String { "\(path): \(message)" }
}

/// All plugins that a run may use: found once, sorted, never changed. Files are mapped into this process only when a
/// graph uses one of their stages.
public final class PluginRegistry: Sendable {
  /// Sorted by name, then path.
  public let plugins: [FoundPlugin]
  /// Sorted by path.
  public let problems: [PluginProblem]
  /// Of all plugins, sorted by id.
  public let stages: [StageDescriptor]

  private struct Loaded {
    let library: PluginLibrary
    /// Of the file.
    let fileDigest: String
    /// Of the file, and of the libraries that results depend on.
    let codeDigest: String

    init(library: PluginLibrary, fileDigest: String) throws {
      self.library = library
      self.fileDigest = fileDigest
      let libraries: [LibraryInUse]
      do throws(PluginFault) {
        libraries = try library.libraries()
      } catch {
        throw StageFailure(
          .internal, code: error.code,
          "plugin '\(library.descriptor.name)' cannot be used: \(error.message)")
      }
      codeDigest = try PluginRegistry.codeDigest(file: fileDigest, libraries)
    }
  }
  /// Which plugin has a stage.
  private let owners: [String: Int]
  private let loaded = Mutex<[String: Loaded]>([:])
  /// Digests of plugins that were not loaded, by file.
  private let digests = Mutex<[String: String]>([:])
  private let scanner: PluginScanner
  /// Where the plugins are that came with Pons.
  private let ownFolders: Set<String>

  /// Finds and describes plugins.
  ///
  /// - Parameters:
  ///   - searchPath: where to look.
  ///   - scanner: how files are described, and which may be loaded; nil takes the usual worker and cache.
  ///   - fileNames: the only names of files that count; nil takes all.
  public convenience init(
    searchPath: PluginSearchPath, scanner: PluginScanner? = nil, fileNames: Set<String>? = nil
  ) {
    let scanner = scanner ?? .standard()
    var (files, missing) = searchPath.files()
    if let fileNames {
      files = files.filter {
        fileNames.contains($0.split(separator: "/").last.map(String.init) ?? "")
      }
    }
    var found: [FoundPlugin] = []
    var problems = missing
    for (file, finding) in zip(files, scanner.scan(files)) {
      switch finding {
      case .success(let descriptor): found.append(FoundPlugin(path: file, descriptor: descriptor))
      case .failure(let fault):
        problems.append(PluginProblem(path: file, code: fault.code, fault.message))
      }
    }
    self.init(found, problems, scanner, ownFolders: searchPath.ownFolders)
  }

  private init(
    _ found: [FoundPlugin], _ given: [PluginProblem], _ scanner: PluginScanner,
    ownFolders: Set<String>
  ) {
    self.ownFolders = ownFolders
    self.scanner = scanner
    var problems = given
    // Two files with one stage id are refused both: which of them runs must not depend on their order.
    var holders: [String: [Int]] = [:]
    for (index, plugin) in found.enumerated() {
      for stage in plugin.descriptor.stages { holders[stage.id, default: []].append(index) }
    }
    var refused: Set<Int> = []
    for (id, indices) in holders.sorted(by: { $0.key < $1.key }) where indices.count > 1 {
      for index in indices where refused.insert(index).inserted {
        let others = indices.filter { $0 != index }.map { found[$0].path }
        problems.append(
          PluginProblem(
            path: found[index].path, code: "DUPLICATE",
            "its stage '\(id)' is also in \(others.joined(separator: " and ")); neither is used. "
              + "Remove one of the files."))
      }
    }
    plugins = found.indices.filter { !refused.contains($0) }.map { found[$0] }.sorted {
      ($0.descriptor.name, $0.path) < ($1.descriptor.name, $1.path)
    }
    self.problems = problems.sorted { ($0.path, $0.message) < ($1.path, $1.message) }
    stages = plugins.flatMap(\.descriptor.stages).sorted { $0.id < $1.id }
    var owners: [String: Int] = [:]
    for (index, plugin) in plugins.enumerated() {
      for stage in plugin.descriptor.stages { owners[stage.id] = index }
    }
    self.owners = owners
  }

  /// The plugin that has a stage.
  public func plugin(of stage: String) -> FoundPlugin? { owners[stage].map { plugins[$0] } }

  /// The stage with an id.
  public func stage(_ id: String) -> StageDescriptor? {
    plugin(of: id)?.descriptor.stages.first { $0.id == id }
  }

  /// Maps and starts the plugin that has a stage; it stays started as long as the provider is held.
  ///
  /// - Throws: `StageFailure` when there is no such stage, the file changed since it was found, or the plugin does not
  ///   start.
  public func provider(for id: String) throws -> any StageProvider {
    guard let plugin = plugin(of: id), let descriptor = stage(id) else {
      throw StageFailure(.badParameter, code: "UNKNOWN_STAGE", "no plugin has a stage '\(id)'")
    }
    if ProgramPlugin.isDescription(plugin.path) {
      throw StageFailure(
        .badParameter, code: "NEEDS_PROCESS",
        "stage '\(id)' is a program, which cannot run inside of pons",
        hint: "remove 'isolate: false'")
    }
    let loaded = try self.loaded.withLock { loaded in
      if let known = loaded[plugin.path] { return known }
      // Reading and mapping take about as long as each other. Where it matters that both see the same, loading does both.
      let digest = scanner.trust.isRestricted ? nil : FileDigest(plugin.path)
      let library = Result { try Self.load(plugin, scanner.trust) }
      let code = digest?.result() ?? library.map { $0.digest ?? "" }
      let fresh = try Loaded(library: library.get(), fileDigest: code.get())
      loaded[plugin.path] = fresh
      return fresh
    }
    return try PluginStageProvider(
      library: loaded.library, descriptor: descriptor, codeDigest: loaded.codeDigest)
  }

  /// What runs a stage, wherever a graph wants it to run; opens nothing before.
  ///
  /// - Throws: `StageFailure` when there is no such stage.
  public func placeable(for id: String) throws -> any StageProvider {
    guard let plugin = plugin(of: id), let descriptor = stage(id) else {
      throw StageFailure(.badParameter, code: "UNKNOWN_STAGE", "no plugin has a stage '\(id)'")
    }
    return PlaceableStageProvider(descriptor, of: plugin, self)
  }

  /// The program `pons-worker`.
  var workerProgram: String { scanner.worker }

  /// Which files may be loaded.
  var trust: PluginTrust { scanner.trust }

  /// Whether a stage runs in a process of its own when nobody says whether it does: those of plugins that did not come with
  /// Pons do, and those that parse files that somebody else made.
  func isolates(_ stage: StageDescriptor, of plugin: FoundPlugin) -> Bool {
    stage.parsesForeignBytes || !ownFolders.contains(HostFile.folder(of: plugin.path))
  }

  /// A stage in a process of its own, with a worker that has started already.
  func isolated(
    _ stage: StageDescriptor, of plugin: FoundPlugin, _ launch: WorkerLaunch,
    _ limits: WorkerLimits
  ) throws -> IsolatedStageProvider {
    do {
      // The worker starts while the file is read.
      let start = try WorkerStart(launch)
      let file = FileDigest(plugin.path)
      let ready = Result { try start.ready(call: nil) }
      let digest = file.result()
      let code = try Self.codeDigest(file: digest.get(), ready.get().libraries)
      digests.withLock { $0[plugin.path] = code }
      return IsolatedStageProvider(
        stage, codeDigest: code, launch: launch, limits: limits, first: start)
    } catch let fault as WorkerFault {
      throw StageFailure(
        .internal, code: fault.code,
        "plugin '\(plugin.descriptor.name)' cannot be used in a process of its own: "
          + fault.message)
    }
  }

  /// The digest of a plugin's code, without opening it here.
  func codeDigest(of plugin: FoundPlugin) throws -> String {
    if let known = digests.withLock({ $0[plugin.path] }) { return known }
    let digest = FileDigest(plugin.path)
    let libraries = self.libraries(of: plugin.path)
    let code = try Self.codeDigest(file: digest.result().get(), libraries.get())
    digests.withLock { $0[plugin.path] = code }
    return code
  }

  /// A digest of a file, and of the libraries that results depend on.
  fileprivate static func codeDigest(file: String, _ libraries: [LibraryInUse]) throws -> String {
    if libraries.isEmpty { return file }
    var hash = SHA256()
    hash.update(field: file)
    for library in libraries { hash.update(field: library.identity) }
    return try hash.finish()
  }

  /// The libraries that the results of the plugin in a file depend on. They are asked in a process of their own.
  public func libraries(of file: String) -> Result<[LibraryInUse], PluginFault> {
    scanner.libraries(of: file)
  }

  /// The SHA-256 of a plugin's file: of what was loaded, when it was.
  public func digest(of file: String) throws -> String {
    if let digest = loaded.withLock({ $0[file]?.fileDigest }) { return digest }
    return try SHA256.digest(file: file)
  }

  /// The libraries that a plugin finds relative to itself, by name, with their paths: they are loaded with it.
  public func librariesBeside(_ file: String) -> [String: String] {
    SealedLibrary.libraries(beside: file)
  }

  private static func load(
    _ plugin: FoundPlugin, _ trust: PluginTrust
  ) throws -> PluginLibrary {
    let name = plugin.descriptor.name
    let library: PluginLibrary
    do throws(PluginFault) {
      library = try PluginLibrary(path: plugin.path, trust: trust)
    } catch {
      throw StageFailure(
        .internal, code: error.code, "plugin '\(name)' cannot be loaded: \(error.message)")
    }
    if library.descriptor != plugin.descriptor {
      throw StageFailure(
        .internal, code: "PLUGIN_CHANGED",
        "plugin '\(name)' describes itself differently than when it was found",
        hint: "The file was replaced meanwhile, or its answer is not constant. Run again.")
    }
    return library
  }
}

extension PluginScanner {
  /// The usual worker and cache.
  public static func standard(trust: PluginTrust = .site) -> PluginScanner {
    PluginScanner(worker: WorkerProgram.find(), cacheFolder: userCacheFolder, trust: trust)
  }

  /// `$XDG_CACHE_HOME/pons`, or `~/.cache/pons`; nil without a home.
  public static var userCacheFolder: String? {
    if let cache = getenv("XDG_CACHE_HOME"), cache[0] == CChar(bitPattern: UInt8(ascii: "/")) {
      return String(cString: cache) + "/pons"
    }
    guard let home = getenv("HOME"), home[0] != 0 else { return nil }
    return String(cString: home) + "/.cache/pons"
  }
}
