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
      .run, .plan, .explain, .diff, .shadow, .lock, .quarantine, .cache, .ingest, .validate,
      .config, .graph, .plugins, .models, .doctor, .version,
      .completions, .help,
    ])
}

extension OptionDefinition {
  static let set = OptionDefinition(
    "set", .text("NAME=VALUE"),
    "Set a parameter of the manifest, or one of a stage as stages.NAME.with.PARAMETER=VALUE",
    isRepeatable: true)
  static let reason = OptionDefinition(
    "reason", .text("TEXT"), "Why --set changes what the manifest guards; it is recorded")
  static let by = OptionDefinition(
    "by", .text("NAME"), "Who changes what the manifest guards; it is recorded")
  static let overlay = OptionDefinition(
    "overlay", .file("FILE"), "Apply an overlay; later ones win", isRepeatable: true)
  static let lockFile = OptionDefinition(
    "lock", .file("FILE"), "The lock file (default: NAME.lock here, for the manifest NAME.yaml)")
  static let kept = OptionDefinition(
    "work", .folder("DIR"), "Folder of kept intermediate results (default: .pons in the output)")
  static let jobs = OptionDefinition(
    "jobs", short: "j", .integer("N", 1...Int.max),
    "How many calls may run at the same time (default: the number of cores)")
  static let memory = OptionDefinition(
    "memory", .bytes("SIZE"),
    "Data to hold in memory before reading waits, like 2G (default: 1G, at most half of the memory)"
  )
  static let seed = OptionDefinition(
    "seed", .integer("N", 0...Int.max), "Seed of all randomness (default: 0)")
  static let quiet = OptionDefinition(
    "quiet", short: "q", "Show no progress, only problems and the summary")
  static let json = OptionDefinition("json", "Write JSON")
  static let color = OptionDefinition(
    "color", .choice(ColorChoice.allCases.map(\.rawValue)), "When to write colours")
  static let plugins = OptionDefinition(
    "plugins", .folder("DIR"), "Look for plugins in a further folder", isRepeatable: true)

  /// What every command that reads a manifest takes.
  static let ofManifests: [OptionDefinition] = [.set, .reason, .by, .overlay, .plugins]
}

extension OperandDefinition {
  static let manifest = OperandDefinition(
    "MANIFEST", .manifest, "A manifest file, or the name of one that Pons ships")
}
