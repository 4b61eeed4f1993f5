extension CommandDefinition {
  static let validate: CommandDefinition = .init(
    "validate", "Checks a manifest without running it",
    discussion: "All errors are shown at once, with their places and what was expected.",
    operands: [.manifest], options: OptionDefinition.ofManifests + [.json, .color],
    examples: [.init("pons validate pipeline.yaml", "Check a manifest")]
  ) { invocation, context in
    .success
  }
}
