internal import CPons
internal import Synchronization

/// The extension `pons.libraries/1` of this plugin.
enum LibrariesExport {
  /// How the plugin tells its libraries; nil when it has none to tell.
  static let describe = Mutex<(@Sendable () -> [LibraryInUse])?>(nil)

  /// The C structs, made at the first question and never freed.
  private final class Export: @unchecked Sendable {
    // @unchecked: constant once it is made.
    let arena = Arena()
    let text: pons_string
    let table: UnsafeMutablePointer<pons_libraries>

    init(_ libraries: [LibraryInUse]) {
      text = arena.string(JSON.array(libraries.map(\.json)).canonical)
      var table = pons_libraries()
      table.size = UInt64(MemoryLayout<pons_libraries>.size)
      table.describe = { LibrariesExport.text }
      self.table = arena.one(table)
    }
  }

  private static let export: Export? = describe.withLock { $0 }.map { Export($0()) }

  private static var text: pons_string { export?.text ?? pons_string() }

  static func `extension`(_ id: pons_string) -> UnsafeRawPointer? {
    if String(id) != PONS_EXTENSION_LIBRARIES { return nil }
    return export.map { UnsafeRawPointer($0.table) }
  }
}
