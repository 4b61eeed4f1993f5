internal import PonsKit
internal import PonsManifest

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
    let catalogue = try context.services.catalogue(
      CatalogueRequest(folders: invocation.list("plugins")), context)
    let console = context.console
    if invocation.has("json") {
      let value: JSON = [
        "stages": .array(catalogue.entries.map(\.json)),
        "problems": .array(catalogue.problems.map(\.json)),
      ]
      console.print(value.canonical)
    } else {
      let listing = StageListing(style: console.outStyle, width: console.width)
      console.out.write(listing.list(catalogue))
      console.warn(about: catalogue.problems)
    }
    return catalogue.problems.isEmpty ? .success : .failure
  }

  private static let inspectStage = CommandDefinition(
    "inspect", "Shows the ports and parameters of a stage",
    operands: [OperandDefinition("STAGE", .text, "Id of the stage, like nifti.read")],
    options: [.plugins, .json, .color],
    examples: [.init("pons plugins inspect nifti.read", "See what a reader can be told")]
  ) { invocation, context in
    let catalogue = try context.services.catalogue(
      CatalogueRequest(folders: invocation.list("plugins")), context)
    let id = invocation.operands.first ?? ""
    guard let entry = catalogue.entry(id) else {
      context.console.warn(about: catalogue.problems)
      let nearest = Suggestion.nearest(to: id, among: catalogue.entries.map(\.descriptor.id))
      throw CommandFailure(
        "there is no stage \"\(id.printable)\"",
        hint: nearest.map { "did you mean \"\($0)\"?" } ?? "\"pons plugins list\" shows all stages",
        exitCode: .usage)
    }
    let console = context.console
    if invocation.has("json") {
      console.print(entry.json.canonical)
    } else {
      let listing = StageListing(style: console.outStyle, width: console.width)
      console.out.write(listing.details(entry))
    }
    return .success
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
