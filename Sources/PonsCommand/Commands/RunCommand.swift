internal import PonsEngine
internal import PonsManifest

extension CommandDefinition {
  static let run: CommandDefinition = .init(
    "run", "Runs a manifest",
    discussion: """
      Finished work is kept in the work folder: when a run was interrupted, or its manifest was \
      changed, the same command computes only what is missing. Results never depend on --jobs \
      or --memory.

      On a terminal a line for each stage shows how far it is; in pipes and logs there is a line \
      for each case. The output folder holds a folder for each case, and summary.json with the \
      fate of every case.
      """,
    operands: [.manifest],
    options: [
      .set, .overlay,
      OptionDefinition(
        "output", short: "o", .folder("DIR"), "Folder of the results (default: pons-output)"),
      OptionDefinition(
        "work", .folder("DIR"), "Folder of kept intermediate results (default: .pons in the output)"
      ),
      OptionDefinition(
        "jobs", short: "j", .integer("N", 1...Int.max),
        "How many calls may run at the same time (default: the number of cores)"),
      OptionDefinition(
        "memory", .bytes("SIZE"),
        "Data to hold in memory before reading waits, like 2G (default: 1G, at most half of the memory)"
      ),
      OptionDefinition("seed", .integer("N", 0...Int.max), "Seed of all randomness (default: 0)"),
      .plugins,
      OptionDefinition("json", "Write one JSON event a line; messages go to standard error"),
      OptionDefinition("quiet", short: "q", "Show no progress, only problems and the summary"),
      .color,
    ],
    examples: [
      .init("pons run copy --set input=scan.nii.gz", "Run a shipped manifest on one file"),
      .init(
        "pons run pipeline.yaml --overlay our-site.yaml --output results",
        "Run a manifest with the changes of a site"),
      .init(
        "pons run pipeline.yaml --set stages.keep.with.minimum=0.7",
        "Change one parameter of one stage"),
    ]
  ) { invocation, context in
    let manifest = try LoadedManifest(invocation, context)
    let graph = try manifest.graph(console: context.console)
    context.console.show(manifest.effective.warnings)
    var configuration = RunConfiguration(
      graph: graph, providers: try manifest.providers(for: graph), invocation, context)
    configuration.about = RunAccount.of(manifest, graph, invocation)
    return try RunSession(invocation, context).run(configuration)
  }
}
