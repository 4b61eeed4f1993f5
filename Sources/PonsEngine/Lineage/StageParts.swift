internal import Glibc
internal import PonsKit

/// What all calls of a stage in a graph have in common in their keys.
///
/// It is kept under its own digest, `WORK/stages/<digest>.json`: once for any number of calls and runs.
struct StageParts: Sendable, Hashable {
  /// Id of the stage, `filter.threshold`.
  var use: String
  var version: String
  /// SHA-256 of the plugin file, with the libraries that it says it computes with.
  var code: String
  /// The parameters that results depend on.
  var parameters: [String: JSON]
  /// The number of threads of a call, or `any` where results do not depend on it.
  var threads: String
  var carriesGroundTruth: Bool
  /// What tells site keys apart, for stages that may ask for keys of cases; else empty.
  var site: String

  /// The digest that is part of the key of every call.
  func digest() throws -> String {
    var hash = SHA256()
    hash.update(field: "pons call 1")
    hash.update(field: use)
    hash.update(field: version)
    hash.update(field: code)
    hash.update(field: JSON.object(parameters).canonical)
    hash.update(field: threads)
    hash.update(field: carriesGroundTruth ? "ground truth" : "")
    hash.update(field: site)
    return try hash.finish()
  }
}

extension StageParts {
  private var json: JSON {
    [
      "use": .string(use), "version": .string(version), "code": .string(code),
      "parameters": .object(parameters), "threads": .string(threads),
      "ground_truth": .bool(carriesGroundTruth), "site": .string(site),
    ]
  }

  private init?(_ json: JSON) {
    guard let use = json["use"]?.string, let version = json["version"]?.string,
      let code = json["code"]?.string, let parameters = json["parameters"]?.object,
      let threads = json["threads"]?.string, let truth = json["ground_truth"]?.bool,
      let site = json["site"]?.string
    else { return nil }
    self.init(
      use: use, version: version, code: code, parameters: parameters, threads: threads,
      carriesGroundTruth: truth, site: site)
  }

  /// Keeps the parts in a work folder, when they are not there yet.
  func save(work: String, digest: String) throws {
    let path = "\(work)/stages/\(digest).json"
    if access(path, F_OK) == 0, Self.load(work: work, digest: digest) != nil { return }
    try FileSystem.replace(path, with: json.canonical)
  }

  /// The parts with a digest; nil when they are not there, or are not those that were kept.
  static func load(work: String, digest: String) -> StageParts? {
    guard let bytes = try? FileSystem.read("\(work)/stages/\(digest).json"),
      let parts = (try? JSON(parsing: bytes)).flatMap(StageParts.init),
      let found = try? parts.digest(), found == digest
    else { return nil }
    return parts
  }
}
