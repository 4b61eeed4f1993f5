internal import PonsKit
internal import PonsManifest

extension RunConfiguration {
  /// What results depend on, as `summary.json` holds it: the seed, and for each stage what it uses, with which code, values and inputs.
  ///
  /// Paths may tell who a patient is: in their place stands a pseudonym, so that two runs of one site can be compared.
  ///
  /// - Parameter codes: digests of the stages' code, in the order of the graph.
  func record(_ siteKey: SiteKey, codes: [String]) -> JSON {
    var stages: [String: JSON] = [:]
    for (stage, code) in zip(graph.stages, codes) {
      var members: [String: JSON] = [
        "use": .string(stage.descriptor.id), "version": .string(stage.descriptor.version),
        "code": .string(code),
        "with": .object(
          Dictionary(
            uniqueKeysWithValues: stage.parameters.map { name, value in
              (name, siteKey.withoutPaths(value, stage.descriptor.parameter(name)?.type))
            })),
        "in": .object(
          Dictionary(
            uniqueKeysWithValues: stage.inputs.map {
              ($0.port, .string("\(graph.stages[$0.stage].name).\($0.output)"))
            })),
      ]
      if let threads = stage.threads { members["threads"] = .integer(Int64(threads)) }
      stages[stage.name] = .object(members)
    }
    let outputs = graph.outputs.map { output in
      (
        output.name,
        [
          "from": .string("\(graph.stages[output.stage].name).\(output.output)"),
          "kind": .string(graph.contentKind(of: output)),
        ] as JSON
      )
    }
    return [
      "seed": .integer(Int64(clamping: seed)), "stages": .object(stages),
      "outputs": .object(Dictionary(uniqueKeysWithValues: outputs)),
    ]
  }
}

extension SiteKey {
  /// A value with pseudonyms in the place of paths.
  fileprivate func withoutPaths(_ value: JSON, _ type: ParameterType?) -> JSON {
    switch (type, value) {
    case (.path, .string(let path)): .string("path:" + pseudonym(of: path).dropFirst(2))
    case (.array(let element), .array(let values)):
      .array(values.map { withoutPaths($0, element) })
    default: value
    }
  }
}

extension Graph {
  /// The kind of what a declared output shows: that of its port, or of what was written into its files.
  fileprivate func contentKind(of output: GraphOutput) -> String {
    let stage = stages[output.stage]
    let kind = stage.descriptor.output(output.output)?.kind ?? ""
    guard kind == "files" else { return kind }
    let written = stage.inputs.compactMap { input in
      stages[input.stage].descriptor.output(input.output)?.kind
    }
    return written.contains("mask") ? "mask" : written.first ?? kind
  }
}
