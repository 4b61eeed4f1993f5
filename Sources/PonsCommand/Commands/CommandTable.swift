/// Everything that can be typed.
package enum CommandTable {
  /// The command `pons`.
  package static let pons: CommandDefinition = .init(
    group: "pons", "Runs medical imaging pipelines from manifests",
    discussion: """
      Pons loads stages from plugins, wires them as a manifest says, and streams volumes through \
      them. Every case ends up done, filtered, not selected, or quarantined with a reason; finished \
      work is kept, so that the same command resumes a run that was interrupted.
      """,
    options: [OptionDefinition("version", "Show the version")],
    examples: [
      .init(
        "pons run statistics --set input=scans", "Run a pipeline that Pons ships on a folder"),
      .init("pons plugins list", "See which stages there are"),
    ],
    commands: [
      .run, .plan, .explain, .quarantine, .cache, .ingest, .validate, .config, .graph, .plugins,
      .models, .doctor, .version,
      .completions, .help,
    ])
}

extension OptionDefinition {
  static let set = OptionDefinition(
    "set", .text("NAME=VALUE"),
    "Set a parameter of the manifest, or one of a stage as stages.NAME.with.PARAMETER=VALUE",
    isRepeatable: true)
  static let overlay = OptionDefinition(
    "overlay", .file("FILE"), "Apply an overlay; later ones win", isRepeatable: true)
  static let json = OptionDefinition("json", "Write JSON")
  static let color = OptionDefinition(
    "color", .choice(ColorChoice.allCases.map(\.rawValue)), "When to write colours")
  static let plugins = OptionDefinition(
    "plugins", .folder("DIR"), "Look for plugins in a further folder", isRepeatable: true)

  /// What every command that reads a manifest takes.
  static let ofManifests: [OptionDefinition] = [.set, .overlay, .plugins]
}

extension OperandDefinition {
  static let manifest = OperandDefinition(
    "MANIFEST", .manifest, "A manifest file, or the name of one that Pons ships")
}
