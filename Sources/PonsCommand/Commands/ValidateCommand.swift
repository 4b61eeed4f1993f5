internal import PonsKit
internal import PonsManifest

extension CommandDefinition {
  static let validate: CommandDefinition = .init(
    "validate", "Checks a manifest without running it",
    discussion: """
      All errors are shown at once, with their places and what was expected. Parameters that a \
      run must set need no value here.
      """,
    operands: [.manifest], options: OptionDefinition.ofManifests + [.json, .color],
    examples: [.init("pons validate pipeline.yaml", "Check a manifest")]
  ) { invocation, context in
    do {
      let manifest = try LoadedManifest(invocation, context)
      let graph = try manifest.graph(requiringValues: false, console: context.console)
      let warnings = manifest.effective.warnings
      if invocation.has("json") {
        context.console.print(report([], warnings).canonical)
      } else {
        context.console.show(warnings)
        let stages = graph.stages.count.counted("stage")
        let outputs = graph.outputs.count.counted("output")
        context.console.print(
          "\(invocation.operands.first?.printable ?? ""): "
            + "\(context.console.outStyle.good("valid")), \(stages), \(outputs)")
      }
      return .success
    } catch let errors as ManifestErrors where invocation.has("json") {
      context.console.print(report(errors.diagnostics, []).canonical)
      return .usage
    }
  }

  private static func report(_ errors: [Diagnostic], _ warnings: [Diagnostic]) -> JSON {
    [
      "valid": .bool(errors.isEmpty), "errors": .array(errors.map(\.json)),
      "warnings": .array(warnings.map(\.json)),
    ]
  }
}
