internal import Glibc
internal import PonsEngine
internal import PonsKit

/// Compares masks by running the shipped manifest `compare-masks`: the files are read, checked and counted by the stages that do so in
/// every run, and not by code of the command line.
struct MaskComparison {
  let invocation: Invocation
  let context: CommandContext

  /// How far the masks of each pair of NIfTI files agree, in the order of the pairs.
  func agreements(_ pairs: [(String, String)]) throws -> [MaskAgreement] {
    if pairs.isEmpty { return [] }
    let folder = try TemporaryOutput.make()
    defer { TemporaryOutput.remove(folder) }
    let names = pairs.indices.map(Self.name)
    try link(pairs.map(\.0), names, in: FilePaths.join(folder, "a"))
    try link(pairs.map(\.1), names, in: FilePaths.join(folder, "b"))
    let output = FilePaths.join(folder, "result")
    var request = invocation
    request.operands = ["compare-masks"]
    request.values["overlay"] = nil
    request.values["set"] = ["a", "b"].map { "\($0)=\(FilePaths.join(folder, $0))" }
    request.values["output"] = [output]
    request.values["work"] = nil
    let manifest = try LoadedManifest(request, context)
    let graph = try manifest.graph(console: context.console)
    let run = try context.services.makeRun(
      RunConfiguration(
        graph: graph, providers: try manifest.providers(for: graph), request, context)
    ) { _ in }
    context.services.interruption({ run.cancel() }, {})
    let summary = try run.start()
    if summary.ending == .cancelled {
      throw CommandFailure("the comparison was interrupted", exitCode: .interrupted)
    }
    let file = FilePaths.join(output, "agreement.json")
    let rows =
      FilePaths.isFile(file)
      ? try JSON(parsing: String(decoding: try FilePaths.read(file), as: UTF8.self))["rows"]?.array
      : nil
    return names.map { agreement($0, rows ?? [], summary) }
  }

  private static func name(_ index: Int) -> String { "pair-\(index)" }

  /// Gives the files names under which they are found again. Links, because masks are large.
  private func link(_ files: [String], _ names: [String], in folder: String) throws {
    guard mkdir(folder, 0o700) == 0 else {
      throw CommandFailure("no temporary folder can be made: \(String(cString: strerror(errno)))")
    }
    for (file, name) in zip(files, names) {
      guard let target = realpath(file, nil) else {
        throw CommandFailure(
          "\(file.printable) cannot be read: \(String(cString: strerror(errno)))")
      }
      defer { free(target) }
      let ending = file.hasSuffix(".gz") ? ".nii.gz" : ".nii"
      guard symlink(target, FilePaths.join(folder, name + ending)) == 0 else {
        throw CommandFailure("no link can be made: \(String(cString: strerror(errno)))")
      }
    }
  }

  private func agreement(_ name: String, _ rows: [JSON], _ summary: RunSummary) -> MaskAgreement {
    let own = rows.filter { $0["case"]?.string == name }
    guard let all = own.first(where: { $0["label"]?.integer == 0 }) else {
      let reason = summary.cases.first { $0.caseKey == name }?.reason
      if case .stopped(_, let failure) = summary.ending { return .failed(failure.message) }
      return .failed(reason ?? "they were not compared")
    }
    if let problem = all["problem"]?.string, !problem.isEmpty { return .failed(problem) }
    var labels: [Int: Double] = [:]
    for row in own {
      if let label = row["label"]?.integer, label > 0 {
        labels[Int(label)] = row["dice"]?.number
      }
    }
    return MaskAgreement(dice: all["dice"]?.number ?? .nan, labels: labels)
  }
}
