internal import PonsKit

extension CommandDefinition {
  static let explain: CommandDefinition = .init(
    "explain", "Says how a result came about, step by step",
    discussion: """
      Each stage is shown with its inputs, its parameters and where each value was set (manifest, \
      overlay with reason and author, command line), the digest of its plugin, and the values \
      that decided: probabilities of slices, thresholds, prompts, scores, ranks. A file is compared \
      with what the run wrote.

      Only the output folder and the work folder are needed, not the manifest. Paths, UIDs and the \
      command line are shown with --phi only.
      """,
    operands: [
      OperandDefinition("RESULT", .file, "A file in an output folder, or the key of a case")
    ],
    options: [
      .resultFolder, .work,
      OptionDefinition("run", .text("NAME"), "An earlier run that the work folder remembers"),
      OptionDefinition("deep", "Also walk through the other cases that a stage has seen"),
      OptionDefinition("phi", "Show patient data: paths of source files and SOP instances"),
      .json, OptionDefinition("prov", "Write W3C PROV-JSON"), .color,
    ],
    examples: [
      .init("pons explain pons-output/p01/mask.nii.gz", "See how a mask was made"),
      .init("pons explain p01 --output results", "See what happened to a case"),
      .init("pons explain p01/mask.nii.gz --prov", "Export its provenance"),
    ]
  ) { invocation, context in
    let result = try ExplainedResult(invocation)
    let phi = invocation.has("phi")
    let console = context.console
    if invocation.has("prov") {
      console.out.write(result.prov(phi: phi).pretty + "\n")
    } else if invocation.has("json") {
      console.print(result.json(phi: phi).canonical)
    } else {
      console.out.write(
        ExplanationText(style: console.outStyle, width: min(console.width, 100), phi: phi)
          .render(result))
    }
    return .success
  }
}

extension OptionDefinition {
  /// The output folder of a run that is over.
  static let resultFolder = OptionDefinition(
    "output", short: "o", .folder("DIR"), "Folder of the results (default: pons-output)")
  static let work = OptionDefinition(
    "work", .folder("DIR"), "Work folder of the run (default: .pons in the output)")
}
