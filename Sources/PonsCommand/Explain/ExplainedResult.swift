internal import PonsEngine
internal import PonsKit

/// What somebody asked to have explained, found in an output folder and in the work folder behind it.
struct ExplainedResult {
  /// A published file, compared with what the run wrote.
  struct File {
    /// Relative to the output folder.
    var path: String
    var digest: String
    /// Nil when the store does not know what was written.
    var isUnchanged: Bool?
  }

  var explanation: Explanation
  var file: File?
  /// How the run ended for the case, from `summary.json`.
  var fate: JSON?
  /// What must be said about how it was found.
  var notes: [String] = []
  /// Files of cases by case and source, from the private table; only when patient data may be shown.
  var sourceFiles: [String: [String]] = [:]

  /// Finds what an operand means: a file in an output folder, a folder of a case, or the key of a case.
  init(_ invocation: Invocation) throws {
    let operand = invocation.operands.first ?? ""
    let named = invocation.value("output")
    let standard = named ?? "pons-output"
    let place: (output: String, parts: [String])
    if FilePaths.exists(operand), let found = Self.place(of: operand, in: named) {
      place = found
    } else {
      place = (standard, operand.split(separator: "/").map(String.init))
    }
    guard FilePaths.isFolder(place.output) else {
      throw CommandFailure(
        "there is no file \(operand.printable), and no folder \(place.output.printable)",
        hint: "name a result, or a case and the output folder with --output", exitCode: .usage)
    }
    let summary = Self.summary(in: place.output)
    let work = invocation.value("work") ?? FilePaths.join(place.output, ".pons")
    let run = invocation.value("run") ?? summary?["run"]?.string
    let lineage = try Lineage(work: work, run: run)
    if summary == nil, invocation.value("run") == nil {
      notes.append("The last run did not end; this is what it had done.")
    }
    let deep = invocation.has("deep")
    let (caseKey, output) = try Self.subject(place.parts, lineage, operand)
    if let output {
      explanation = try lineage.explain(output: output, caseKey: caseKey, deep: deep)
    } else {
      explanation = try lineage.explain(caseKey: caseKey ?? "", deep: deep)
    }
    if let caseKey {
      fate = summary?["cases"]?.array?.first { $0["case"]?.string == caseKey }
    }
    if output != nil {
      file = Self.compare(place.parts, in: place.output, with: explanation.steps.first)
    }
    if invocation.has("phi") { sourceFiles = Self.privateTable(in: place.output) }
  }

  /// The output folder that a path is in, and the names on the way from there.
  private static func place(of path: String, in named: String?) -> (String, [String])? {
    var parts: [String] = []
    var folder = path
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    while true {
      let isOutput =
        named.map { $0 == folder } ?? FilePaths.exists(FilePaths.join(folder, "summary.json"))
        || FilePaths.isFolder(FilePaths.join(folder, ".pons"))
      if isOutput, !parts.isEmpty { return (folder, parts) }
      guard let last = folder.split(separator: "/").last.map(String.init), last != "..",
        last != "."
      else { return nil }
      parts.insert(last, at: 0)
      let parent = FilePaths.folder(of: folder)
      if parent == folder { return nil }
      folder = parent
    }
  }

  private static func summary(in output: String) -> JSON? {
    guard let bytes = try? FilePaths.read(FilePaths.join(output, "summary.json")) else {
      return nil
    }
    return try? JSON(parsing: bytes)
  }

  /// Case and output from the names below the output folder.
  private static func subject(_ parts: [String], _ lineage: Lineage, _ operand: String) throws
    -> (caseKey: String?, output: String?)
  {
    // Names of outputs have no dots; everything from the first one on is the ending of a file.
    func output(_ part: String) -> String? {
      let stem = String(part.prefix { $0 != "." })
      return lineage.outputs.contains(stem) ? stem : nil
    }
    if parts.contains("previous") {
      throw CommandFailure(
        "\(operand.printable) was moved aside: it is of an earlier run, or somebody changed it",
        exitCode: .usage)
    }
    if parts.count > 1, let output = output(parts[1]) { return (parts[0], output) }
    if let first = parts.first, let output = output(first) { return (nil, output) }
    if parts.count == 1 { return (parts[0], nil) }
    throw CommandFailure(
      "\(operand.printable) is no result of the run",
      hint: "its outputs: \(lineage.outputs.joined(separator: ", "))", exitCode: .usage)
  }

  /// Compares a published file with what the call that made it has left in the store.
  private static func compare(
    _ parts: [String], in output: String, with step: Explanation.Step?
  ) -> File? {
    let path = parts.joined(separator: "/")
    let place = FilePaths.join(output, path)
    guard FilePaths.isFile(place), let digest = try? SHA256.digest(file: place) else { return nil }
    var file = File(path: path, digest: digest, isUnchanged: nil)
    var known: [String] = []
    for sent in step?.outputs ?? [] {
      if let digest = sent.digest, sent.kind != "files" { known.append(digest) }
      known += (sent.metadata?["files"]?.array ?? []).compactMap { $0["sha256"]?.string }
    }
    if !known.isEmpty { file.isUnchanged = known.contains(digest) }
    return file
  }

  /// The paths of source files by case, from `phi/cases.tsv`.
  private static func privateTable(in output: String) -> [String: [String]] {
    guard let bytes = try? FilePaths.read(FilePaths.join(output, "phi/cases.tsv")) else {
      return [:]
    }
    var files: [String: [String]] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if fields.count > 3 { files["\(fields[1])/\(fields[0])"] = Array(fields[3...]) }
    }
    return files
  }
}

extension Explanation.Step {
  /// What `about` says of the stage.
  func account(in about: JSON) -> JSON? { about["stages"]?[stage] }

  /// A parameter's value, without what might tell who a patient is.
  func shown(_ parameter: Explanation.Parameter, phi: Bool) -> JSON {
    guard parameter.isPath, !phi else { return parameter.value }
    switch parameter.value {
    case .string(let path): return .string(RedactedPath.describe(path))
    case .array(let paths):
      return .array(paths.map { .string(RedactedPath.describe($0.string ?? "")) })
    default: return parameter.value
    }
  }
}
