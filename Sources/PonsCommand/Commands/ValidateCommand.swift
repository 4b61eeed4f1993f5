internal import PonsKit
internal import PonsManifest

extension CommandDefinition {
  static let validate: CommandDefinition = .init(
    "validate", "Checks a manifest without running it, or an overlay by golden cases",
    discussion: """
      All errors are shown at once, with their places and what was expected. Parameters that a \
      run must set need no value here.

      With --golden the manifest's golden cases are run, by the manifest itself and with its \
      overlays. An overlay is refused (exit code 5) when a case that the manifest does is no longer \
      done, or when the Dice of a label of any case falls by more than max_dice_drop. A manifest \
      says what its golden cases are:

        golden:
          set: {input: golden/images}  # what makes them the input
          outputs: [mask]              # masks, written as NIfTI
          max_dice_drop: 0.02
          truth: golden/truth          # true masks, CASE/OUTPUT.nii.gz

      Without 'truth' the manifest's own results count as true.
      """,
    operands: [.manifest],
    options: OptionDefinition.ofManifests + [
      OptionDefinition("golden", "Run the golden cases, and refuse overlays that do worse"),
      OptionDefinition(
        "output", short: "o", .folder("DIR"), "With --golden: keep both results there"),
      .kept, .jobs, .memory, .seed, .quiet, .json, .color,
    ],
    examples: [
      .init("pons validate pipeline.yaml", "Check a manifest"),
      .init(
        "pons validate pipeline.yaml --overlay our-site.yaml --golden",
        "See whether an overlay does as well as the manifest"),
    ]
  ) { invocation, context in
    do {
      let manifest = try LoadedManifest(invocation, context)
      let graph = try manifest.graph(requiringValues: false, console: context.console)
      if invocation.has("golden") { return try checkGolden(manifest, invocation, context) }
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

  private static func checkGolden(
    _ manifest: LoadedManifest, _ invocation: Invocation, _ context: CommandContext
  ) throws -> ExitCode {
    let (effective, overlays) = (manifest.effective, invocation.list("overlay"))
    guard let golden = effective.golden else {
      throw CommandFailure(
        "\(effective.file.printable) has no golden cases",
        hint: "add 'golden: ...' to the manifest; "
          + "\"pons validate --help\" shows how", exitCode: .usage)
    }
    guard effective.file != manifest.name || !overlays.isEmpty else {
      throw CommandFailure(
        "there is no overlay that golden cases could judge", hint: "name one with --overlay",
        exitCode: .usage)
    }
    let kept = invocation.value("output")
    let output = try kept ?? TemporaryOutput.make()
    defer { if kept == nil { TemporaryOutput.remove(output) } }
    let runs = PairedRuns(invocation: invocation, context: context, output: output)
    let base = try runs.run(
      .init(name: "base", manifest: effective.file, overlays: [], isGolden: true))
    let changed = try runs.run(
      .init(name: "overlay", manifest: manifest.name, overlays: overlays, isGolden: true))
    let comparison = MaskComparison(invocation: invocation, context: context)
    let check = try GoldenCheck(golden, base: base.record, overlay: changed.record) {
      try comparison.agreements($0)
    }
    show(check, golden, invocation, context.console)
    return check.violations.isEmpty ? .success : .refused
  }

  private static func show(
    _ check: GoldenCheck, _ golden: GoldenCases, _ invocation: Invocation, _ console: Console
  ) {
    if invocation.has("json") {
      console.print(check.json.canonical)
      return
    }
    let style = console.outStyle
    for measure in check.measures {
      let base = measure.base.map { "\($0.fixed(3)) -> " } ?? ""
      let label = measure.label == 0 ? "" : " (label \(measure.label))"
      console.print("  \(measure.name.printable)\(label)  Dice \(base)\(measure.overlay.fixed(3))")
    }
    for violation in check.violations {
      console.print("  \(style.bad("refused:")) \(violation.printable)")
    }
    let limit = golden.maximumDiceDrop.fixed(3)
    console.print(
      check.violations.isEmpty
        ? "golden cases: \(style.good("passed")), "
          + "\(check.measures.count.counted("mask")), Dice falls by at most \(limit)"
        : "golden cases: \(style.bad("refused")), "
          + "\(check.violations.count.counted("reason"))")
  }
}
