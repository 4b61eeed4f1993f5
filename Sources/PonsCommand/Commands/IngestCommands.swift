internal import PonsEngine
internal import PonsKit

extension CommandDefinition {
  static let ingest: CommandDefinition = .init(
    group: "ingest", "Says what is in a folder of DICOM images",
    discussion: """
      The report has a paragraph for each volume: what it is, its size and geometry, how it was \
      stored, and what became of it; for what was refused, why, and what to do. It holds no patient \
      data; the private table phi/cases.tsv of a run says which files a case is made of.
      """,
    commands: [.checkIngest, .reportIngest])

  private static let checkIngest = CommandDefinition(
    "check", "Reads a folder as a run would, and writes no volumes",
    operands: [
      OperandDefinition(
        "DIR", .text, "A folder, a file, a DICOMDIR, or a text file with a path a line")
    ],
    options: [
      .set, .reason, .by, .overlay,
      OptionDefinition(
        "output", short: "o", .folder("DIR"), "Keep the measures of each volume there"),
      .jobs, .plugins, .json, .color,
    ],
    examples: [
      .init("pons ingest check /data/inbox", "See what a run would make of a folder"),
      .init(
        "pons ingest check inbox --set stages.read.with.on_gap=split", "Try another rule for gaps"),
    ]
  ) { invocation, context in
    let folder = invocation.value("output")
    let output = try folder ?? TemporaryOutput.make()
    defer { if folder == nil { TemporaryOutput.remove(output) } }
    var request = invocation
    request.operands = ["ingest-check"]
    request.values["set"] = ["input=\(invocation.operands.first ?? "")"] + invocation.list("set")
    request.values["output"] = [output]
    let manifest = try LoadedManifest(request, context)
    let graph = try manifest.graph(console: context.console)
    let configuration = RunConfiguration(
      graph: graph, providers: try manifest.providers(for: graph), request, context)
    // Progress, and what is remarkable, goes to standard error as in every run; the report is the result.
    request.values["json"] = nil
    let summary = try RunSession(request, context).summary(configuration)
    let report = IngestReport(summary: summary.json, hasOutputs: folder != nil)
    return show(report, invocation, context.console, code: summary.exitCode)
  }

  private static let reportIngest = CommandDefinition(
    "report", "Shows what an earlier run found",
    operands: [OperandDefinition("OUTPUT", .text, "The output folder of the run")],
    options: [.json, .color],
    examples: [.init("pons ingest report pons-output", "Look at the last run again")]
  ) { invocation, context in
    let file = FilePaths.join(invocation.operands.first ?? "", "summary.json")
    guard FilePaths.isFile(file) else {
      throw CommandFailure(
        "there is no \(file.printable)", hint: "name the folder that --output named in the run",
        exitCode: .usage)
    }
    do {
      let text = String(decoding: try FilePaths.read(file), as: UTF8.self)
      let report = IngestReport(summary: try JSON(parsing: text))
      return show(report, invocation, context.console, code: 0)
    } catch let error as JSONError {
      throw CommandFailure("\(file.printable) cannot be read: \(error)", exitCode: .usage)
    } catch let error as FilePaths.Unreadable {
      throw CommandFailure("\(file.printable) cannot be read: \(error)", exitCode: .usage)
    }
  }

  private static func show(
    _ report: IngestReport, _ invocation: Invocation, _ console: Console, code: Int32
  ) -> ExitCode {
    if invocation.has("json") {
      console.print(report.json.canonical)
    } else {
      console.out.write(report.text(style: console.outStyle, width: console.width))
    }
    return ExitCode(rawValue: code) ?? .failure
  }
}
