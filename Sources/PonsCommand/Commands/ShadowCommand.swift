internal import PonsEngine
internal import PonsKit
internal import PonsManifest

extension CommandDefinition {
  static let shadow: CommandDefinition = .init(
    "shadow", "Says what an overlay would change in results",
    discussion: """
      Both run on the same input. The result says which cases would have another fate, and how far \
      the masks of both agree (Dice). Nothing but the output folder of this command is touched: \
      results in force stay as they are.

      The manifest is the base that the overlay names, or that --base names. Overlays that are in \
      force already are named with --overlay, and apply to both.
      """,
    operands: [OperandDefinition("OVERLAY", .file, "The overlay to be tried")],
    options: [
      OptionDefinition(
        "base", .file("MANIFEST"), "What the overlay changes (default: the base that it names)"),
      OptionDefinition(
        "output", short: "o", .folder("DIR"), "Folder of the results (default: pons-shadow)"),
      .set, .reason, .by, .overlay, .kept, .jobs, .memory, .seed, .plugins, .json, .quiet, .color,
    ],
    examples: [
      .init(
        "pons shadow our-site.yaml --set input=last-week",
        "See what an overlay would have changed last week")
    ]
  ) { invocation, context in
    let overlay = invocation.operands.first ?? ""
    let manifest = try base(of: overlay, invocation, context)
    let runs = PairedRuns(
      invocation: invocation, context: context, output: invocation.value("output") ?? "pons-shadow")
    let inForce = invocation.list("overlay")
    let left = try runs.run(.init(name: "base", manifest: manifest, overlays: inForce))
    let right = try runs.run(
      .init(name: "overlay", manifest: manifest, overlays: inForce + [overlay]))
    let comparison = MaskComparison(invocation: invocation, context: context)
    let difference = try RunDifference(left.record, right.record) {
      try comparison.agreements($0)
    }
    let console = context.console
    if invocation.has("json") {
      console.print(difference.json.canonical)
    } else {
      console.print("base: \(left.summary.counts); with the overlay: \(right.summary.counts)")
      console.out.write(DifferenceText(style: console.outStyle).render(difference))
    }
    return .success
  }

  private static func base(
    of overlay: String, _ invocation: Invocation, _ context: CommandContext
  ) throws -> String {
    let shipped = ShippedManifests(executable: context.executable)
    if let named = invocation.value("base") { return try shipped.resolve(named) }
    guard FilePaths.isFile(overlay) else {
      throw CommandFailure(
        "\(overlay.printable) does not exist", hint: "name the file of an overlay",
        exitCode: .usage)
    }
    if let base = try EffectiveManifest.base(of: overlay, readFile: { try FilePaths.read($0) }) {
      return base
    }
    throw CommandFailure(
      "\(overlay.printable) does not name the manifest that it changes",
      hint: "add 'base: MANIFEST' to the overlay, or give --base MANIFEST", exitCode: .usage)
  }
}
