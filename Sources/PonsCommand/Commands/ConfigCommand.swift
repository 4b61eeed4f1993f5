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
    .success
  }
}
