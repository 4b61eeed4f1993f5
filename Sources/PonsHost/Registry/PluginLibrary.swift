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
  private let starts = Mutex(0)

  /// Maps the file and reads what it says about itself.
  ///
  /// - Throws: ``PluginFault``.
  init(path: String) throws(PluginFault) {
    // A bare name would be looked for among the libraries of the system.
    let path = path.contains("/") ? path : "./" + path
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      var reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      // Whoever shows the error names the file as the user knows it.
      if reason.hasPrefix(path + ": ") { reason.removeFirst(path.count + 2) }
      throw PluginFault(code: "NOT_LOADABLE", "it cannot be loaded: \(reason)")
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

  /// The C descriptor of a stage.
  func stage(_ id: String) -> UnsafePointer<pons_stage>? {
    guard let index = descriptor.stages.firstIndex(where: { $0.id == id }) else { return nil }
    return plugin.pointee.stages[index]
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
