internal import PonsEngine
internal import PonsKit

extension CommandDefinition {
  static let diff: CommandDefinition = .init(
    "diff", "Says what differs between two runs",
    discussion: """
      Compares what two runs were told (with the reasons for changes), what became of their cases, and \
      what they wrote. Files are compared byte by byte; masks that were written as NIfTI and differ \
      are compared voxel by voxel: Dice of all labels together and of each.

      Cases meet by their keys, which are the same for the same input under one site key. Where a \
      path differs only that is said, because paths may tell who a patient is.
      """,
    operands: [
      OperandDefinition("RUN", .file, "The output folder of a run"),
      OperandDefinition("RUN", .file, "The output folder of another"),
    ],
    options: [.plugins, .json, .color],
    examples: [.init("pons diff monday tuesday", "See what changed from one run to the next")]
  ) { invocation, context in
    let runs = try invocation.operands.map { folder throws(CommandFailure) in
      try RunRecord(folder: folder)
    }
    let comparison = MaskComparison(invocation: invocation, context: context)
    let difference = try RunDifference(runs[0], runs[1]) { try comparison.agreements($0) }
    if invocation.has("json") {
      context.console.print(difference.json.canonical)
    } else {
      context.console.out.write(
        DifferenceText(style: context.console.outStyle).render(difference))
    }
    return .success
  }
}
