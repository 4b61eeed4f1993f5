package import PonsEngine
package import PonsKit

/// All stages that can be used, and what went wrong while looking for them.
package struct StageCatalogue: Sendable {
  /// A stage and where it comes from.
  package struct Entry: Sendable {
    /// What the stage is.
    package var descriptor: StageDescriptor
    /// Name of its plugin.
    package var plugin: String
    /// Version of its plugin.
    package var version: String
    /// File of its plugin.
    package var file: String

    /// A stage and where it comes from.
    package init(
      descriptor: StageDescriptor, plugin: String, version: String = "", file: String
    ) {
      self.descriptor = descriptor
      self.plugin = plugin
      self.version = version
      self.file = file
    }
  }

  /// A plugin that cannot be used.
  package struct Problem: Error, Hashable {
    /// The file.
    package var file: String
    /// Why not.
    package var message: String
    /// What to do about it, or empty.
    package var hint: String
    /// Whether a lock or an allow-list forbids it.
    package var isRefused: Bool

    /// A plugin that cannot be used.
    package init(file: String, message: String, hint: String = "", isRefused: Bool = false) {
      self.isRefused = isRefused
      self.file = file
      self.message = message
      self.hint = hint
    }
  }

  /// The stages, sorted by id.
  package var entries: [Entry]
  /// The plugins that cannot be used.
  package var problems: [Problem]
  /// Loads what runs a stage.
  package var provider: @Sendable (_ id: String) throws -> any StageProvider

  /// Asks a plugin, by its file, for the libraries that its results depend on.
  package var libraries: @Sendable (_ file: String) -> Result<[LibraryInUse], Problem>

  /// The SHA-256 of a plugin's file, and of the libraries that it finds relative to itself, by name.
  package var digests: @Sendable (_ file: String) throws -> (own: String, beside: [String: String])

  /// All stages that can be used, in any order.
  package init(
    entries: [Entry], problems: [Problem] = [],
    libraries: @escaping @Sendable (_ file: String) -> Result<[LibraryInUse], Problem> = { _ in
      .success([])
    },
    digests:
      @escaping @Sendable (_ file: String) throws -> (own: String, beside: [String: String]) =
      { _ in ("", [:]) },
    provider: @escaping @Sendable (_ id: String) throws -> any StageProvider
  ) {
    self.digests = digests
    self.provider = provider
    self.libraries = libraries
    self.entries = entries.sorted { $0.descriptor.id < $1.descriptor.id }
    self.problems = problems
  }

  /// What the stages are.
  package var descriptors: [StageDescriptor] { entries.map(\.descriptor) }

  /// The stage with an id.
  package func entry(_ id: String) -> Entry? { entries.first { $0.descriptor.id == id } }
}

/// Where plugins are looked for beside the usual places.
package struct CatalogueRequest: Sendable, Hashable {
  /// Folders of the command line, in order.
  package var folders: [String]
  /// Files and folders that manifests name, in order.
  package var named: [String]
  /// Whether the usual places are left out.
  package var isExclusive: Bool
  /// Digests and names of the only files that count, those of a lock; nil without one.
  package var lock: LockedPlugins?

  /// Where plugins are looked for.
  package init(folders: [String] = [], named: [String] = [], isExclusive: Bool = false) {
    self.isExclusive = isExclusive
    lock = nil
    self.folders = folders
    self.named = named
  }
}

/// What a lock lets be loaded.
package struct LockedPlugins: Sendable, Hashable {
  /// SHA-256 of plugins and of the libraries beside them.
  package var digests: Set<String>
  /// Names of the plugins' files.
  package var names: Set<String>
}

extension Console {
  /// Tells that plugins cannot be used.
  func warn(about problems: [StageCatalogue.Problem]) {
    for problem in problems {
      let label = errorStyle.warning("warning:")
      error.write("\(label) \(problem.file.printable): \(problem.message.printable)\n")
      if !problem.hint.isEmpty {
        error.write("  \(errorStyle.dim("hint:")) \(problem.hint.printable)\n")
      }
    }
  }
}
