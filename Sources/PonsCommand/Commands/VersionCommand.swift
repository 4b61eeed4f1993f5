internal import CPons
internal import PonsKit

extension CommandDefinition {
  static let version: CommandDefinition = .init(
    "version", "Shows the versions of Pons and of its plugin interface", options: [.json]
  ) { invocation, context in
    context.console.showVersion(asJSON: invocation.has("json"))
    return .success
  }
}

extension Console {
  /// Writes the version as a result.
  func showVersion(asJSON: Bool) {
    let abi = "\(PONS_ABI_MAJOR).\(PONS_ABI_MINOR)"
    if asJSON {
      let value: JSON = ["version": .string(ProgramVersion.text), "abi": .string(abi)]
      print(value.canonical)
    } else {
      print("pons \(ProgramVersion.text) (plugin interface \(abi))")
    }
  }
}
