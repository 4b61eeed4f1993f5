extension CommandDefinition {
  static let plugins: CommandDefinition = .init(
    group: "plugins", "Lists, shows and checks plugins",
    discussion: """
      Plugins are looked for next to the program, in the folders of PONS_PLUGIN_PATH, and in those \
      of --plugins.
      """,
    examples: [.init("pons plugins check build/filter.so", "Check a plugin that you wrote")],
    commands: [.listPlugins, .inspectStage, .checkPlugin])

  private static let listPlugins = CommandDefinition(
    "list", "Lists all stages, with the plugins they come from",
    options: [.plugins, .json, .color]
  ) { invocation, context in
    .success
  }

  private static let inspectStage = CommandDefinition(
    "inspect", "Shows the ports and parameters of a stage",
    operands: [OperandDefinition("STAGE", .text, "Id of the stage, like nifti.read")],
    options: [.plugins, .json, .color],
    examples: [.init("pons plugins inspect nifti.read", "See what a reader can be told")]
  ) { invocation, context in
    .success
  }

  private static let checkPlugin = CommandDefinition(
    "check", "Checks a plugin against the rules of the plugin interface",
    discussion: """
      Calls every stage with made-up data: the descriptor is valid, inputs stay unmodified, outputs \
      are the same twice, garbage is refused, calls can be cancelled, no memory is lost.
      """,
    operands: [OperandDefinition("FILE", .plugin, "The plugin, a shared library")],
    options: [.json, .color]
  ) { invocation, context in
    .success
  }
}
