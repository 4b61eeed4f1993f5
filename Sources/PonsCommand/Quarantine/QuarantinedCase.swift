internal import PonsKit

/// A case that failed, as `summary.json` in an output folder has it.
struct QuarantinedCase {
  var caseKey: String
  var code: String
  var stage: String
  var reason: String
  var hint: String
  var json: JSON

  private init?(_ json: JSON) {
    guard json["status"]?.string == "quarantined", let key = json["case"]?.string else {
      return nil
    }
    caseKey = key
    code = json["code"]?.string ?? ""
    stage = json["stage"]?.string ?? ""
    reason = json["reason"]?.string ?? ""
    hint = json["hint"]?.string ?? ""
    self.json = json
  }

  /// What the table of codes says about its code.
  var meaning: ReasonCode? { ReasonCode.named(code) }

  /// The quarantined cases of the last run into an output folder, and the run's name.
  ///
  /// - Throws: `CommandFailure` when no run has ended there.
  static func list(in output: String) throws -> (cases: [QuarantinedCase], summary: JSON) {
    let path = FilePaths.join(output, "summary.json")
    guard let bytes = try? FilePaths.read(path), let summary = try? JSON(parsing: bytes) else {
      throw CommandFailure(
        "there is no \(path.printable)",
        hint: "name the folder that --output named in the run", exitCode: .usage)
    }
    return ((summary["cases"]?.array ?? []).compactMap(QuarantinedCase.init), summary)
  }
}
