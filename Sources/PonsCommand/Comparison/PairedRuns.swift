internal import PonsEngine
internal import PonsKit

/// Two runs on the same input, one after the other in one work folder, and what differs between them: what both have in common is
/// computed once.
struct PairedRuns {
  /// The runs' options.
  let invocation: Invocation
  let context: CommandContext
  /// Folder with the results of both, each in a folder of its own.
  let output: String

  /// What one side runs.
  struct Side {
    /// Name of its folder.
    var name: String
    var manifest: String
    var overlays: [String]
    /// Whether it runs on the manifest's golden cases.
    var isGolden = false
  }

  /// A side that was run.
  struct Outcome {
    var summary: RunSummary
    var record: RunRecord
  }

  /// Runs one side.
  ///
  /// - Throws: ``CommandFailure`` when it did not come to its end.
  func run(_ side: Side) throws -> Outcome {
    let console = context.console
    let folder = FilePaths.join(output, side.name)
    var request = invocation
    request.operands = [side.manifest]
    request.values["overlay"] = side.overlays
    request.values["output"] = [folder]
    request.values["work"] = [invocation.value("work") ?? FilePaths.join(output, ".pons")]
    request.values["json"] = nil
    console.error.write(console.errorStyle.bold(side.name) + ":\n")
    let manifest = try LoadedManifest(request, context, isGolden: side.isGolden)
    let graph = try manifest.graph(console: console)
    let summary = try RunSession(request, context).summary(
      RunConfiguration(
        graph: graph, providers: try manifest.providers(for: graph), request, context))
    let record = RunRecord(folder: folder, summary: summary.json)
    switch summary.ending {
    case .completed:
      return Outcome(summary: summary, record: record)
    case .cancelled:
      throw CommandFailure(
        "interrupted; what is finished is kept", exitCode: .interrupted)
    case .stopped(let stage, let failure):
      throw CommandFailure(
        "the stage \(stage) stopped the run of the \(side.name): \(failure.message.printable)",
        hint: failure.hint.printable, exitCode: ExitCode(rawValue: summary.exitCode) ?? .failure)
    }
  }
}

extension RunSummary {
  /// `6 done, 1 filtered`, for people.
  var counts: String {
    let texts = [CaseStatus.done, .filtered, .notSelected, .quarantined].compactMap { status in
      count(status) > 0
        ? "\(count(status)) \(status == .notSelected ? "not selected" : status.rawValue)" : nil
    }
    return texts.isEmpty ? "no cases" : texts.joined(separator: ", ")
  }
}
