internal import PonsEngine
internal import PonsKit

extension ExplainedResult {
  /// The explanation as an object for machines.
  ///
  /// - Parameter phi: with sidecars, full paths and the command line.
  func json(phi: Bool) -> JSON {
    var members: [String: JSON] = [
      "pons": 1, "name": .string(explanation.name), "run": .string(explanation.run),
      "case": explanation.caseKey.map { .string($0) } ?? .null,
      "output": explanation.output.map { .string($0) } ?? .null,
      "manifest": .array(manifestFiles(phi: phi)),
      "program": explanation.about["program"] ?? .null,
      "missing": .array(explanation.missing.map(JSON.string)),
      "steps": .array(explanation.steps.map { json($0, phi: phi) }),
    ]
    if let file {
      members["file"] = [
        "path": .string(file.path), "sha256": .string(file.digest),
        "unchanged": file.isUnchanged.map { .bool($0) } ?? .null,
      ]
    }
    if let fate { members["fate"] = fate }
    if phi, let command = explanation.about["command"] { members["command"] = command }
    return .object(members)
  }

  /// The files of the manifest with their digests; folders are private.
  func manifestFiles(phi: Bool) -> [JSON] {
    (explanation.about["files"]?.array ?? []).map { file in
      let path = file["file"]?.string ?? ""
      let name = phi ? path : path.split(separator: "/").last.map(String.init) ?? path
      return ["file": .string(name), "sha256": file["sha256"] ?? .null]
    }
  }

  private func json(_ step: Explanation.Step, phi: Bool) -> JSON {
    let account = step.account(in: explanation.about)
    var members: [String: JSON] = [
      "stage": .string(step.stage), "use": .string(step.use), "version": .string(step.version),
      "plugin": account?["plugin"] ?? .null, "plugin_sha256": .string(step.code),
      "case": step.caseKey.map { .string($0) } ?? .null, "key": .string(step.key),
      "reused": .bool(step.isReused), "seconds": .number(step.seconds),
      "seed": .string(step.seed), "threads": .string(step.threads),
      "ground_truth": .bool(step.carriesGroundTruth),
      "sources": .array(step.sources.map { ["sha256": .string($0)] }),
      "parameter_files": .array(step.files.map { ["sha256": .string($0)] }),
      "parameters": .object(
        Dictionary(
          uniqueKeysWithValues: step.parameters.map { parameter in
            var members = account?["parameters"]?[parameter.name]?.object ?? ["default": true]
            members["value"] = step.shown(parameter, phi: phi)
            members["affects_result"] = .bool(parameter.affectsResult)
            return (parameter.name, .object(members))
          })),
      "inputs": .array(
        step.inputs.map { input in
          [
            "port": .string(input.port), "from": .string("\(input.stage).\(input.output)"),
            "packets": .array(input.packets.map(\.json)),
          ]
        }),
      "outputs": .array(step.outputs.map { $0.json(phi: phi) }),
      "verdicts": .array(step.verdicts.map(\.json)),
    ]
    if let failure = step.failure { members["failed"] = .string(failure) }
    let files = sourceFiles["\(step.stage)/\(step.caseKey ?? "")"] ?? []
    if phi, files.count == step.sources.count {
      members["sources"] = .array(
        zip(step.sources, files).map { ["sha256": .string($0), "file": .string($1)] })
    }
    return .object(members)
  }
}

extension Explanation.PacketReference {
  fileprivate var json: JSON {
    ["case": caseKey.map { .string($0) } ?? .null, "identity": .string(identity)]
  }
}

extension Explanation.Output {
  fileprivate func json(phi: Bool) -> JSON {
    var members: [String: JSON] = [
      "port": .string(port), "kind": .string(kind), "identity": .string(packet.identity),
      "case": packet.caseKey.map { .string($0) } ?? .null,
      "shapes": .object(shapes.mapValues { .array($0.map { .integer(Int64($0)) }) }),
      "metadata": metadata ?? .null, "values": values ?? .null,
      "sha256": digest.map { .string($0) } ?? .null,
    ]
    if let forwarded { members["passed_on_from"] = .string(forwarded) }
    if let problem { members["problem"] = .string(problem) }
    if phi, let sidecar { members["private"] = sidecar }
    return .object(members)
  }
}

extension Verdict {
  fileprivate var json: JSON {
    let word: String
    switch decision {
    case .keep: word = "keep"
    case .drop: word = "drop"
    case .notSelected: word = "not-selected"
    }
    return [
      "case": caseKey.map { .string($0) } ?? .null, "decision": .string(word),
      "score": score.map { .number($0) } ?? .null,
      "rank": rank.map { .integer(Int64($0)) } ?? .null, "reason": .string(reason),
    ]
  }
}
