internal import PonsManifest

extension CommandDefinition {
  static let config: CommandDefinition = .init(
    "config", "Shows the manifest that would run, with all overlays applied",
    operands: [.manifest],
    options: OptionDefinition.ofManifests + [
      OptionDefinition("origin", "Say after each value where it comes from"), .color,
    ],
    examples: [
      .init(
        "pons config pipeline.yaml --overlay our-site.yaml --origin",
        "See what a site changes, and where")
    ]
  ) { invocation, context in
    let manifest = try LoadedManifest(invocation, context)
    // Shows all errors; what has errors would be printed half.
    _ = try manifest.graph(requiringValues: false, console: context.console)
    context.console.out.write(
      manifest.effective.rendered(
        origins: invocation.has("origin"), stages: manifest.catalogue.descriptors))
    return .success
  }
}
