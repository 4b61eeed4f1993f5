internal import PonsManifest

extension CommandDefinition {
  static let graph: CommandDefinition = .init(
    "graph", "Draws the graph of a manifest",
    operands: [.manifest],
    options: OptionDefinition.ofManifests + [
      OptionDefinition(
        "format", .choice(["text", "dot", "svg", "overview"]),
        "Text for a terminal, dot for Graphviz, a picture with every port and edge, or a small one with only the edges that no other way "
          + "implies (default: text)"),
      .color,
    ],
    examples: [.init("pons graph pipeline.yaml --format svg", "Make a picture of a pipeline")]
  ) { invocation, context in
    let graph = try LoadedManifest(invocation, context)
      .graph(requiringValues: false, console: context.console)
    let text =
      switch invocation.value("format") {
      case "dot": graph.dot
      case "svg": graph.svg
      case "overview": graph.overview
      default: graph.text
      }
    context.console.out.write(text)
    return .success
  }
}
