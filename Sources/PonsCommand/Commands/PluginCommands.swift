internal import PonsHost
internal import PonsKit
internal import PonsManifest

extension CommandDefinition {
  static let plugins: CommandDefinition = .init(
    group: "plugins", "Lists, shows, checks and begins plugins",
    discussion: """
      Plugins are looked for next to the program, in the folders of PONS_PLUGIN_PATH, and in those \
      of --plugins.
      """,
    commands: [.listPlugins, .inspectStage, .checkPlugin, .newPlugin])

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
    "inspect", "Shows the ports and parameters of a stage, or of all stages in a file",
    operands: [
      OperandDefinition("STAGE", .plugin, "Id of the stage, like nifti.read, or a plugin file")
    ],
    options: [.plugins, .json, .color],
    examples: [.init("pons plugins inspect nifti.read", "See what a reader can be told")]
  ) { invocation, context in
    let id = invocation.operands.first ?? ""
    let isFile = FilePaths.isFile(id)
    let catalogue = try context.services.catalogue(
      isFile
        ? CatalogueRequest(named: [id], isExclusive: true)
        : CatalogueRequest(folders: invocation.list("plugins")), context)
    let entries = catalogue.entries.filter { isFile || $0.descriptor.id == id }
    guard !entries.isEmpty else {
      context.console.warn(about: catalogue.problems)
      if isFile { throw CommandFailure("\(id.printable) is no plugin that can be used") }
      let nearest = Suggestion.nearest(to: id, among: catalogue.entries.map(\.descriptor.id))
      throw CommandFailure(
        "there is no stage \"\(id.printable)\"",
        hint: nearest.map { "did you mean \"\($0)\"?" } ?? "\"pons plugins list\" shows all stages",
        exitCode: .usage)
    }
    let console = context.console
    if invocation.has("json") {
      console.print(isFile ? JSON.array(entries.map(\.json)).canonical : entries[0].json.canonical)
    } else {
      let listing = StageListing(style: console.outStyle, width: console.width)
      console.out.write(entries.map(listing.details).joined(separator: "\n"))
    }
    return .success
  }

  private static let checkPlugin = CommandDefinition(
    "check", "Checks a plugin against the rules of the plugin interface",
    discussion: """
      Calls every stage with made-up data: the descriptor is valid, inputs stay unmodified, outputs \
      are the same twice, garbage is refused, calls can be cancelled, no memory is lost.
      """,
    operands: [
      OperandDefinition("FILE", .plugin, "The plugin: a shared library, or a plugin.yaml")
    ],
    options: [
      OptionDefinition(
        "with", .text("STAGE.PARAMETER=VALUE"),
        "Set a parameter of a stage that needs one to be checked", isRepeatable: true),
      .json, .color,
    ],
    examples: [
      .init("pons plugins check build/filter.so", "Check a plugin that you wrote"),
      .init(
        "pons plugins check reader.so --with my.reader.path=scans", "Tell a source where to read"),
    ]
  ) { invocation, context in
    let file = invocation.operands.first ?? ""
    guard FilePaths.isFile(file) else {
      throw CommandFailure("there is no file \(file.printable)", exitCode: .usage)
    }
    var parameters = [String: [String: JSON]]()
    for text in invocation.list("with") {
      guard let setting = StageSetting(text) else {
        throw UsageError(
          "--with takes STAGE.PARAMETER=VALUE, but got \"\(text.printable)\"",
          path: invocation.path)
      }
      parameters[setting.stage, default: [:]][setting.parameter] = setting.value
    }
    let console = context.console
    if console.error.isTerminal {
      console.error.write(console.errorStyle.dim("Checking; this may take a minute.") + "\n")
    }
    let report = ConformanceSuite(file: file, parameters: parameters.mapValues(JSON.object)).run()
    if invocation.has("json") {
      console.print(report.json.canonical)
    } else {
      console.out.write(ConformanceText(style: console.outStyle).render(report))
    }
    return report.isPassed ? .success : .failure
  }

  private static let newPlugin = CommandDefinition(
    "new", "Makes the beginning of a plugin, in a new folder",
    discussion: """
      The project builds, passes "pons plugins check", and has one small stage to be replaced.
      """,
    operands: [OperandDefinition("NAME", .text, "Name of the plugin and its folder")],
    options: [
      OptionDefinition(
        "language", .choice(PluginTemplate.languages), "What it is written in (default: python)"),
      .color,
    ],
    examples: [.init("pons plugin new --language c lesion-filter", "Begin a plugin in C")]
  ) { invocation, context in
    let name = invocation.operands.first ?? ""
    let template = try PluginTemplate(
      invocation.value("language") ?? "python", name: name, executable: context.executable)
    let commands = try template.write(to: name)
    context.console.print("Made \(name). Next:\n  " + commands.joined(separator: "\n  "))
    return .success
  }
}
