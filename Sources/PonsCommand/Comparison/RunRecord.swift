package import PonsKit

/// What a run left: its output folder, with the `summary.json` in it.
package struct RunRecord: Sendable {
  /// The folder, as the user named it.
  package let folder: String
  /// The content of its `summary.json`.
  package let summary: JSON

  /// A run whose summary is known.
  package init(folder: String, summary: JSON) {
    self.folder = folder
    self.summary = summary
  }

  /// Reads the summary of a run.
  ///
  /// - Throws: ``CommandFailure`` when there is none.
  package init(folder: String) throws(CommandFailure) {
    let file = FilePaths.join(folder, "summary.json")
    guard FilePaths.isFile(file) else {
      throw CommandFailure(
        "there is no \(file.printable)", hint: "name the folder that --output named in the run",
        exitCode: .usage)
    }
    do {
      let text = String(decoding: try FilePaths.read(file), as: UTF8.self)
      self.init(folder: folder, summary: try JSON(parsing: text))
    } catch {
      throw CommandFailure("\(file.printable) cannot be read: \(error)", exitCode: .usage)
    }
  }

  /// The fate of a case.
  package struct Fate: Sendable, Hashable {
    /// `done`, `filtered`, ...
    package var status: String
    /// Why it is not done, as far as it is known.
    package var reason: String
    /// The stage that settled it.
    package var stage: String

    /// Whether every declared output is there.
    package var isDone: Bool { status == "done" }
  }

  /// The fates of all cases, by key.
  package var fates: [String: Fate] {
    var result: [String: Fate] = [:]
    for item in summary["cases"]?.array ?? [] {
      guard let key = item["case"]?.string else { continue }
      let code = item["status"]?.string == "quarantined" ? item["code"]?.string : nil
      result[key] = Fate(
        status: item["status"]?.string ?? "unknown",
        reason: [code, item["reason"]?.string].compactMap { $0 }.joined(separator: ", "),
        stage: item["stage"]?.string ?? "")
    }
    return result
  }

  /// Everything that results depend on, one value a path; empty when the run did not record it.
  package var settings: [String: JSON] {
    var result: [String: JSON] = [:]
    func add(_ path: String, _ value: JSON?) { if let value { result[path] = value } }
    let configuration = summary["configuration"]
    add("seed", configuration?["seed"])
    for (name, stage) in configuration?["stages"]?.object ?? [:] {
      for key in ["use", "version", "code", "threads"] { add("stages.\(name).\(key)", stage[key]) }
      for group in ["with", "in"] {
        for (key, value) in stage[group]?.object ?? [:] {
          add("stages.\(name).\(group).\(key)", value)
        }
      }
    }
    for (name, output) in configuration?["outputs"]?.object ?? [:] {
      add("outputs.\(name)", output["from"])
    }
    return result
  }

  /// What overlays and the command line had changed, as recorded.
  package var changes: [JSON] { summary["changes"]?.array ?? [] }

  /// Published files, by a name that is the same in runs that write another kind of NIfTI file: `case/mask`.
  package var files: [String: String] {
    var result: [String: String] = [:]
    let ofCases = (summary["cases"]?.array ?? []).flatMap { $0["outputs"]?.array ?? [] }
    for path in (ofCases + (summary["outputs"]?.array ?? [])).compactMap(\.string) {
      result[Self.withoutEnding(path)] = path
    }
    return result
  }

  /// Whether a published file is a NIfTI file of the declared output's masks.
  package func isMask(_ path: String) -> Bool {
    guard path != Self.withoutEnding(path) else { return false }
    return summary["configuration"]?["outputs"]?[Self.output(of: path)]?["kind"]?.string == "mask"
  }

  /// The declared output that a file of a case belongs to: `mask` of `case/mask.nii.gz` and of `case/mask/a.nii`.
  package static func output(of path: String) -> String {
    let parts = path.split(separator: "/")
    let name = parts.count > 1 ? parts[1] : parts.first ?? ""
    return String(name.prefix { $0 != "." })
  }

  private static func withoutEnding(_ path: String) -> String {
    for ending in [".nii.gz", ".nii"] where path.hasSuffix(ending) {
      return String(path.dropLast(ending.count))
    }
    return path
  }
}
