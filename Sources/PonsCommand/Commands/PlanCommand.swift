internal import PonsEngine
internal import PonsKit

extension CommandDefinition {
  static let plan: CommandDefinition = .init(
    "plan", "Says what a run would reuse, and what it would compute",
    discussion: """
      For every call that would be made, the part of its key that has changed since the same stage \
      was last called for the same case: a parameter, the plugin, a model, a source file, an \
      input. Time and bytes are estimated from earlier runs in the work folder. Sources are asked \
      for their cases, and files that no earlier run has read are read to digest them.

      The answer is 5 when what would be written does not fit on the disk.
      """,
    operands: [.manifest],
    options: [
      .set, .overlay,
      OptionDefinition(
        "output", short: "o", .folder("DIR"), "Folder of the results (default: pons-output)"),
      OptionDefinition(
        "work", .folder("DIR"), "Folder of kept intermediate results (default: .pons in the output)"
      ),
      OptionDefinition(
        "jobs", short: "j", .integer("N", 1...Int.max),
        "How many calls may run at the same time (default: the number of cores)"),
      OptionDefinition("seed", .integer("N", 0...Int.max), "Seed of all randomness (default: 0)"),
      OptionDefinition("cases", "List every call that would be made"), .plugins, .json, .color,
    ],
    examples: [
      .init("pons plan pipeline.yaml --set input=scans", "See what is left to do"),
      .init(
        "pons plan pipeline.yaml --set stages.keep.with.minimum=0.7 --cases",
        "See what a change would compute again, case by case"),
    ]
  ) { invocation, context in
    let manifest = try LoadedManifest(invocation, context)
    let graph = try manifest.graph(console: context.console)
    let configuration = RunConfiguration(
      graph: graph, providers: try manifest.providers(for: graph), invocation, context)
    let plan = try context.services.makePlan(configuration)
    let console = context.console
    if invocation.has("json") {
      console.print(plan.json.canonical)
    } else {
      console.out.write(
        PlanText(style: console.outStyle, width: console.width, listsCases: invocation.has("cases"))
          .render(plan))
    }
    if let (stage, failure) = plan.stopped {
      console.report(
        "the stage \(stage.printable) would stop the run: \(failure.message.printable)",
        hint: failure.hint.printable)
      return failure.category == .badParameter ? .usage : .failure
    }
    if plan.isTooLarge {
      console.report(
        "the run would write about \(ByteCount(bytes: plan.bytes)) into the work folder, and "
          + "\(ByteCount(bytes: plan.freeBytes)) are free",
        hint: "make room, name another folder with --work, or remove old results: pons cache gc")
      return .refused
    }
    return .success
  }
}
