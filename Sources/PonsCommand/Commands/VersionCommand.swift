internal import CPons
internal import PonsKit

extension CommandDefinition {
  static let version: CommandDefinition = .init(
    "version", "Shows the versions of Pons and of the libraries that compute",
    options: [.plugins, .json]
  ) { invocation, context in
    let catalogue = try context.services.catalogue(
      CatalogueRequest(folders: invocation.list("plugins")), context)
    let libraries = Diagnosis(catalogue).libraries.map(\.library)
    if invocation.has("json") {
      let value: JSON = [
        "version": .string(ProgramVersion.text), "abi": .string(ProgramVersion.interface),
        "libraries": .array(libraries.map(\.json)),
      ]
      context.console.print(value.canonical)
    } else {
      context.console.showVersion()
      for library in libraries {
        context.console.print(library.line)
        if !library.warning.isEmpty { context.console.print("warning: \(library.warning)") }
      }
    }
    return .success
  }
}

extension ProgramVersion {
  /// Version of the plugin interface.
  static var interface: String { "\(PONS_ABI_MAJOR).\(PONS_ABI_MINOR)" }
}

extension Console {
  /// Writes the version as a result.
  func showVersion() {
    print("pons \(ProgramVersion.text) (plugin interface \(ProgramVersion.interface))")
  }
}
