internal import CPons
internal import Glibc
internal import PonsKit
internal import Synchronization

/// A shared library in this process. It is never unloaded: Swift's runtime keeps pointers into it.
final class PluginLibrary: @unchecked Sendable {
  // @unchecked: the structs behind the pointers are constant; starts are counted under a lock.
  let path: String
  let plugin: UnsafePointer<pons_plugin>
  let descriptor: PluginDescriptor
  /// SHA-256 of what was loaded, when it was checked before.
  let digest: String?
  private let starts = Mutex(0)

  /// Maps the file and reads what it says about itself. Where lists say what may be loaded, what is mapped is a copy that was
  /// compared with them.
  ///
  /// - Parameter copy: the copy, when it was made before.
  /// - Throws: ``PluginFault``.
  init(
    path: String, trust: PluginTrust = .site, copy: SealedLibrary.Copy? = nil
  ) throws(PluginFault) {
    // A bare name would be looked for among the libraries of the system.
    let path = path.contains("/") ? path : "./" + path
    let library: UnsafeMutableRawPointer
    if trust.isRestricted {
      let checked: SealedLibrary.Copy
      if let copy { checked = copy } else { checked = try SealedLibrary.copy(path, trust: trust) }
      (library, digest) = (try SealedLibrary.load(checked), checked.digest)
    } else {
      (library, digest) = (try Self.map(path), nil)
    }
    guard let symbol = dlsym(library, PONS_ENTRY_SYMBOL) else {
      throw PluginFault(
        code: "NO_ENTRY", "it exports no function '\(PONS_ENTRY_SYMBOL)', so it is no plugin")
    }
    let entry = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<pons_plugin>?).self)
    guard let plugin = entry() else {
      throw PluginFault(code: "UNWILLING", "it says that it cannot run on this computer")
    }
    self.path = path
    self.plugin = plugin
    descriptor = try PluginDescriptor(reading: plugin)
  }

  private static func map(_ path: String) throws(PluginFault) -> UnsafeMutableRawPointer {
    if let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return library }
    var reason = dlerror().map { String(cString: $0) } ?? "no reason given"
    // Whoever shows the error names the file as the user knows it.
    if reason.hasPrefix(path + ": ") { reason.removeFirst(path.count + 2) }
    throw PluginFault(code: "NOT_LOADABLE", "it cannot be loaded: \(reason)")
  }

  /// The C descriptor of a stage.
  func stage(_ id: String) -> UnsafePointer<pons_stage>? {
    guard let index = descriptor.stages.firstIndex(where: { $0.id == id }) else { return nil }
    return plugin.pointee.stages[index]
  }

  /// The libraries that its results depend on, as it tells them; empty when it tells none.
  ///
  /// - Throws: ``PluginFault`` when its answer is no list of them: results could then not be told apart.
  func libraries() throws(PluginFault) -> [LibraryInUse] {
    guard let ask = plugin.pointee.extension else { return [] }
    var id = PONS_EXTENSION_LIBRARIES
    let found = id.withUTF8 { bytes in
      let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      return ask(pons_string(data: start, length: UInt64(bytes.count)))
    }
    guard let found else { return [] }
    let table = found.assumingMemoryBound(to: pons_libraries.self).pointee
    guard table.size >= MemoryLayout<pons_libraries>.size, let describe = table.describe else {
      throw PluginFault(code: "BAD_LIBRARIES", "its extension for libraries is too small")
    }
    guard let list = (try? JSON(parsing: Array(BridgeReading.lossy(describe()).utf8)))?.array else {
      throw PluginFault(code: "BAD_LIBRARIES", "its list of libraries is no JSON array")
    }
    var libraries: [LibraryInUse] = []
    for item in list {
      guard let library = LibraryInUse(json: item) else {
        throw PluginFault(code: "BAD_LIBRARIES", "a library in its list has no name")
      }
      libraries.append(library)
    }
    return libraries
  }

  /// Starts the plugin if nobody has; it is stopped when the last use is released.
  ///
  /// - Throws: `StageFailure` as the plugin describes it.
  func use() throws -> Use {
    try starts.withLock { count in
      if count == 0 { try HostTable.start(plugin, name: descriptor.name) }
      count += 1
    }
    return Use(library: self)
  }

  /// A share in a started plugin.
  final class Use: Sendable {
    let library: PluginLibrary

    fileprivate init(library: PluginLibrary) { self.library = library }

    deinit {
      library.starts.withLock { count in
        count -= 1
        if count == 0 { library.plugin.pointee.deinit() }
      }
    }
  }
}
