internal import CPons
internal import Synchronization

/// A plugin: the stages that one shared library brings. Made once, in the entry file:
///
///     private let plugin = Plugin("nifti", version: "1.0.0", stages: [NIfTIRead.self])
///
///     @c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
public struct Plugin: @unchecked Sendable {
  // @unchecked: the pointer is to constant memory that lives as long as the process.
  /// What the exported function `pons_entry_v1` returns; the descriptors behind it live as long as the process.
  public let entry: UnsafeRawPointer?

  /// Describes a plugin.
  ///
  /// Mistakes of the author (two stages with one id, two ports with one name, a default that does not fit) do
  /// not stop the process: the host is told when it starts the plugin.
  ///
  /// - Parameters:
  ///   - name: short, for people.
  ///   - version: of the plugin.
  ///   - build: which build this is, or empty.
  ///   - stages: types that conform to ``Stage`` or ``SourceStage``.
  ///   - libraries: tells the libraries whose version or kind changes results, when the host asks.
  public init(
    _ name: String, version: String, build: String = "", stages: [any StageType.Type],
    libraries: (@Sendable () -> [LibraryInUse])? = nil
  ) {
    if let libraries { LibrariesExport.describe.withLock { $0 = libraries } }
    let export = PluginExport(name: name, version: version, build: build, stages: stages)
    entry = UnsafeRawPointer(export.plugin)
  }
}
