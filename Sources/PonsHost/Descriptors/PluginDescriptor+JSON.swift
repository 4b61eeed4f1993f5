internal import PonsKit

// What the child process prints and the cache holds. Nothing that is read is trusted: it is checked like a plugin.

extension PluginDescriptor {
  var json: JSON {
    [
      "name": .string(name), "version": .string(version), "build": .string(build),
      "abi_minor": .integer(Int64(abiMinor)),
      "required_extensions": .array(requiredExtensions.map(JSON.string)),
      "stages": .array(stages.map(\.json)),
    ]
  }

  init(json: JSON) throws(PluginFault) {
    let reader = Members(json, "plugin")
    name = try reader.text("name")
    version = try reader.text("version")
    build = try reader.text("build")
    abiMinor = try reader.integer("abi_minor")
    requiredExtensions = try reader.list("required_extensions").compactMap(\.string)
    stages = []
    for stage in try reader.list("stages") { stages.append(try StageDescriptor(json: stage)) }
    try check()
  }
}

extension StageDescriptor {
  fileprivate var json: JSON {
    [
      "id": .string(id), "version": .string(version), "summary": .string(summary),
      "ports": .array((inputs + outputs).map(\.json)),
      "parameters": ParameterSchema(parameters).json,
      "concurrency": .string(concurrency.rawValue),
      "deterministic": .bool(isDeterministic), "gpu": .bool(usesGPU),
      "terminal": .bool(isTerminal), "transient": .bool(isTransient),
      "any_threads": .bool(takesAnyThreads), "foreign_bytes": .bool(parsesForeignBytes),
      "source": .bool(isSource),
    ]
  }

  fileprivate init(json: JSON) throws(PluginFault) {
    let reader = Members(json, "stage")
    guard let concurrency = StageConcurrency(rawValue: try reader.text("concurrency")) else {
      throw reader.fault("concurrency")
    }
    var ports: [PortDescriptor] = []
    for port in try reader.list("ports") { ports.append(try PortDescriptor(json: port)) }
    let parameters: [ParameterDescriptor]
    do throws(StageFailure) {
      parameters = try ParameterSchema(reading: json["parameters"] ?? .null).parameters
    } catch {
      throw .descriptor(error.message)
    }
    self.init(
      id: try reader.text("id"), version: try reader.text("version"),
      summary: try reader.text("summary"), inputs: ports.filter(\.isInput),
      outputs: ports.filter { !$0.isInput }, parameters: parameters, concurrency: concurrency,
      isDeterministic: try reader.flag("deterministic"), usesGPU: try reader.flag("gpu"),
      isTerminal: try reader.flag("terminal"), isTransient: try reader.flag("transient"),
      takesAnyThreads: try reader.flag("any_threads"),
      parsesForeignBytes: json["foreign_bytes"]?.bool ?? false, isSource: try reader.flag("source"))
  }
}

extension PortDescriptor {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "name": .string(name), "summary": .string(summary), "kind": .string(kind),
      "optional": .bool(isOptional), "ground_truth": .bool(isGroundTruth),
      "unjoined": .bool(isUnjoined), "absent": .bool(asksForAbsent),
      "case_keys": .bool(sendsCaseKeys),
      "dtypes": .array(elementTypes.map { .string($0.rawValue) }),
    ]
    switch flow {
    case .input(let cardinality): members["input"] = .string(cardinality.rawValue)
    case .output(let cardinality): members["output"] = .string(cardinality.rawValue)
    }
    members["same_grid"] = sameGrid.map(JSON.string)
    return .object(members)
  }

  fileprivate init(json: JSON) throws(PluginFault) {
    let reader = Members(json, "port")
    let flow: PortFlow
    if let input = json["input"]?.string.flatMap(InputCardinality.init(rawValue:)) {
      flow = .input(input)
    } else if let output = json["output"]?.string.flatMap(OutputCardinality.init(rawValue:)) {
      flow = .output(output)
    } else {
      throw reader.fault("input")
    }
    var types: [ElementType] = []
    for name in try reader.list("dtypes") {
      guard let type = name.string.flatMap(ElementType.init(rawValue:)) else {
        throw reader.fault("dtypes")
      }
      types.append(type)
    }
    self.init(
      name: try reader.text("name"), summary: try reader.text("summary"),
      kind: try reader.text("kind"), flow: flow, isOptional: try reader.flag("optional"),
      isGroundTruth: try reader.flag("ground_truth"), isUnjoined: try reader.flag("unjoined"),
      asksForAbsent: try reader.flag("absent"),
      sendsCaseKeys: try reader.flag("case_keys"), elementTypes: types,
      sameGrid: json["same_grid"]?.string)
  }
}

/// Reads members of one object and names what is missing.
private struct Members {
  let json: JSON
  let what: String

  init(_ json: JSON, _ what: String) {
    self.json = json
    self.what = what
  }

  func fault(_ key: String) -> PluginFault {
    PluginFault(code: "BAD_ANSWER", "the scan's answer has no usable '\(key)' of a \(what)")
  }

  func text(_ key: String) throws(PluginFault) -> String {
    guard let text = json[key]?.string else { throw fault(key) }
    return text
  }

  func integer(_ key: String) throws(PluginFault) -> Int {
    guard let value = json[key]?.integer else { throw fault(key) }
    return Int(value)
  }

  func flag(_ key: String) throws(PluginFault) -> Bool {
    guard let value = json[key]?.bool else { throw fault(key) }
    return value
  }

  func list(_ key: String) throws(PluginFault) -> [JSON] {
    guard let value = json[key]?.array else { throw fault(key) }
    return value
  }
}
