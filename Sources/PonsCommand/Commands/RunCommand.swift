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
      fate of every case, what was changed in the manifest, and why.

      Values that the manifest lists as overridable are guarded: who changes one says why, in the \
      overlay ('reason' and 'by') or with --reason and --by.
      """,
    operands: [.manifest],
    options: [
      .set, .reason, .by, .overlay,
      OptionDefinition(
        "output", short: "o", .folder("DIR"), "Folder of the results (default: pons-output)"),
      .kept, .jobs, .memory, .seed,
      OptionDefinition(
        "locked", "Refuse to run unless everything is as \"pons lock\" found it"), .lockFile,
      .plugins,
      OptionDefinition("json", "Write one JSON event a line; messages go to standard error"),
      .quiet, .color,
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
    let lock =
      invocation.has("locked") || invocation.has("lock")
      ? try LockFile(reading: LockFile.path(invocation)) : nil
    let manifest = try LoadedManifest(invocation, context, lock: lock?.plugins)
    let graph = try manifest.graph(console: context.console)
    context.console.show(manifest.effective.warnings)
    var configuration = RunConfiguration(
      graph: graph, providers: try manifest.providers(for: graph), invocation, context)
    try lock?.require(LockFile(manifest, configuration, context))
    configuration.about = RunAccount.of(manifest, graph, invocation)
    return try RunSession(invocation, context).run(configuration)
  }
}
