internal import PonsEngine
internal import PonsKit

extension ExplainedResult {
  /// The explanation as W3C PROV-JSON (member submission of 24 April 2013): packets, files and code are entities, calls are
  /// activities, plugins and those who changed values are agents.
  ///
  /// Without `phi` there are digests, case keys and values, and no path, UID or name of a file.
  func prov(phi: Bool) -> JSON {
    var document = PROVDocument()
    for step in explanation.steps { add(step, to: &document, phi: phi) }
    if let file, let result = explanation.steps.first?.outputs.first {
      let id = "pons:file/\(file.digest)"
      document.entity(id, "pons:PublishedFile", ["pons:path": .string(file.path)])
      document.relate("wasDerivedFrom", "prov:generatedEntity", id, "prov:usedEntity", result.id)
    }
    return document.json
  }

  private func add(_ step: Explanation.Step, to document: inout PROVDocument, phi: Bool) {
    let account = step.account(in: explanation.about)
    let activity = "pons:call/\(step.key)"
    var facts: [String: JSON] = [
      "pons:stage": .string(step.stage), "pons:use": .string(step.use),
      "pons:version": .string(step.version), "pons:seed": .string(step.seed),
      "pons:threads": .string(step.threads), "pons:seconds": .number(step.seconds),
    ]
    if let key = step.caseKey { facts["pons:case"] = .string(key) }
    if let failure = step.failure { facts["pons:failed"] = .string(failure) }
    for verdict in step.verdicts {
      facts["pons:decision"] = .string("\(verdict.decision)")
      facts["pons:reason"] = .string(verdict.reason)
      if let score = verdict.score { facts["pons:score"] = .number(score) }
      if let rank = verdict.rank { facts["pons:rank"] = .integer(Int64(rank)) }
    }
    for parameter in step.parameters {
      let value = step.shown(parameter, phi: phi)
      // PROV-JSON has no nested values: what is not a number, a text or a truth value is written as JSON.
      facts["pons:parameter/\(parameter.name)"] =
        value.array != nil || value.object != nil ? .string(value.canonical) : value
    }
    document.activity(activity, facts)

    let plugin = "pons:plugin/\(step.code)"
    document.agent(
      plugin, "prov:SoftwareAgent",
      [
        "prov:label": account?["plugin"]?["name"] ?? .string(step.use),
        "pons:version": account?["plugin"]?["version"] ?? .null,
        "pons:sha256": .string(step.code),
      ])
    document.relate("wasAssociatedWith", "prov:activity", activity, "prov:agent", plugin)
    for (parameter, value) in account?["parameters"]?.object ?? [:] {
      for origin in [value["origin"]] + (value["through"]?.array ?? []).map({ $0["origin"] }) {
        guard let by = origin?["by"]?.string else { continue }
        // Names of people have spaces, which identifiers cannot have.
        let name = String(by.map { $0.isLetter || $0.isNumber ? $0 : "-" })
        let person = "pons:by/\(name)"
        document.agent(person, "prov:Person", ["prov:label": .string(by)])
        document.relate(
          "wasAssociatedWith", "prov:activity", activity, "prov:agent", person,
          ["pons:parameter": .string(parameter), "pons:reason": origin?["reason"] ?? .null])
      }
    }

    let files = sourceFiles["\(step.stage)/\(step.caseKey ?? "")"] ?? []
    for (index, digest) in step.sources.enumerated() {
      let id = "pons:file/\(digest)"
      let path = phi && files.count == step.sources.count ? files[index] : nil
      document.entity(id, "pons:SourceFile", path.map { ["pons:path": .string($0)] } ?? [:])
      document.relate("used", "prov:activity", activity, "prov:entity", id)
    }
    for digest in step.files where !digest.isEmpty {
      let id = "pons:file/\(digest)"
      document.entity(id, "pons:ParameterFile", [:])
      document.relate("used", "prov:activity", activity, "prov:entity", id)
    }
    for input in step.inputs {
      for packet in input.packets {
        document.entity(packet.id, "pons:Packet", packet.facts)
        document.relate(
          "used", "prov:activity", activity, "prov:entity", packet.id,
          ["prov:role": .string(input.port)])
      }
    }
    for output in step.outputs {
      document.entity(output.id, "pons:Packet", output.facts(phi: phi))
      // What was passed on was made before.
      if output.forwarded == nil {
        document.relate(
          "wasGeneratedBy", "prov:entity", output.id, "prov:activity", activity,
          ["prov:role": .string(output.port)])
      }
      guard phi else { continue }
      for instance in output.instances {
        let id = "pons:sop-instance/\(instance)"
        document.entity(id, "pons:SOPInstance", ["pons:uid": .string(instance)])
        document.relate(
          "wasDerivedFrom", "prov:generatedEntity", output.id, "prov:usedEntity", id)
      }
    }
  }
}

extension Explanation.PacketReference {
  fileprivate var id: String { "pons:packet/\(identity)" }
  fileprivate var facts: [String: JSON] { caseKey.map { ["pons:case": .string($0)] } ?? [:] }
}

extension Explanation.Output {
  fileprivate var id: String { "pons:packet/\(packet.identity)" }

  fileprivate func facts(phi: Bool) -> [String: JSON] {
    var facts: [String: JSON] = ["pons:kind": .string(kind)]
    if let key = packet.caseKey { facts["pons:case"] = .string(key) }
    if let digest { facts["pons:sha256"] = .string(digest) }
    if let metadata { facts["pons:metadata"] = .string(metadata.canonical) }
    if let values { facts["pons:values"] = .string(values.canonical) }
    return facts
  }

  /// UIDs of the instances that a packet was read from, where its sidecar lists `instances` with a `uid`.
  var instances: [String] {
    (sidecar?.object ?? [:]).values.flatMap { part in
      (part["instances"]?.array ?? []).compactMap { $0["uid"]?.string }
    }
  }
}

/// Collects records of PROV-JSON by kind and identifier.
private struct PROVDocument {
  private var records: [String: [String: JSON]] = [:]
  private var relations = 0

  mutating func entity(_ id: String, _ type: String, _ facts: [String: JSON]) {
    add("entity", id, facts.merging(["prov:type": Self.name(type)]) { $1 })
  }

  mutating func activity(_ id: String, _ facts: [String: JSON]) { add("activity", id, facts) }

  mutating func agent(_ id: String, _ type: String, _ facts: [String: JSON]) {
    add("agent", id, facts.merging(["prov:type": Self.name(type)]) { $1 })
  }

  mutating func relate(
    _ kind: String, _ first: String, _ one: String, _ second: String, _ other: String,
    _ facts: [String: JSON] = [:]
  ) {
    relations += 1
    let members = facts.merging([first: .string(one), second: .string(other)]) { $1 }
    add(kind, "_:r\(relations)", members)
  }

  /// What is said twice is merged: an input of one call is an output of another.
  private mutating func add(_ kind: String, _ id: String, _ facts: [String: JSON]) {
    let known = records[kind]?[id]?.object ?? [:]
    let facts = facts.filter { $0.value != .null }
    records[kind, default: [:]][id] = .object(known.merging(facts) { $1 })
  }

  private static func name(_ type: String) -> JSON {
    ["$": .string(type), "type": "prov:QUALIFIED_NAME"]
  }

  var json: JSON {
    var members = records.mapValues { JSON.object($0) }
    members["prefix"] = ["pons": "urn:pons:"]
    return .object(members)
  }
}
