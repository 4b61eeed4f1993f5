internal import PonsKit

extension StageCatalogue.Entry {
  /// Everything about the stage as a JSON object.
  var json: JSON {
    [
      "id": .string(descriptor.id), "version": .string(descriptor.version),
      "summary": .string(descriptor.summary), "plugin": .string(plugin), "file": .string(file),
      "inputs": .array(descriptor.inputs.map(\.json)),
      "outputs": .array(descriptor.outputs.map(\.json)),
      "parameters": .array(descriptor.parameters.map(\.json)),
      "concurrency": .string(descriptor.concurrency.rawValue),
      "deterministic": .bool(descriptor.isDeterministic), "gpu": .bool(descriptor.usesGPU),
      "terminal": .bool(descriptor.isTerminal), "transient": .bool(descriptor.isTransient),
      "any_threads": .bool(descriptor.takesAnyThreads),
      "foreign_bytes": .bool(descriptor.parsesForeignBytes),
      "source": .bool(descriptor.isSource),
    ]
  }
}

extension StageCatalogue.Problem {
  /// The problem as a JSON object.
  var json: JSON { ["file": .string(file), "message": .string(message), "hint": .string(hint)] }
}

extension PortDescriptor {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "name": .string(name), "summary": .string(summary), "kind": .string(kind),
      "optional": .bool(isOptional), "ground_truth": .bool(isGroundTruth),
    ]
    switch flow {
    case .input(let cardinality):
      members["cardinality"] = .string(cardinality.rawValue)
      members["unjoined"] = .bool(isUnjoined)
      members["absent"] = .bool(asksForAbsent)
    case .output(let cardinality): members["cardinality"] = .string(cardinality.rawValue)
    }
    if !elementTypes.isEmpty {
      members["dtypes"] = .array(elementTypes.map { .string($0.rawValue) })
    }
    if let sameGrid { members["same_grid"] = .string(sameGrid) }
    return .object(members)
  }
}

extension ParameterDescriptor {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "name": .string(name), "type": .string(type.name), "summary": .string(summary),
      "required": .bool(isRequired), "affects_result": .bool(affectsResult),
    ]
    if case .array(let element) = type { members["items"] = .string(element.name) }
    if let defaultValue { members["default"] = defaultValue }
    if let minimum { members["minimum"] = .number(minimum) }
    if let maximum { members["maximum"] = .number(maximum) }
    if !allowed.isEmpty { members["enum"] = .array(allowed) }
    if let unit { members["unit"] = .string(unit) }
    return .object(members)
  }
}

extension ParameterType {
  fileprivate var name: String {
    switch self {
    case .string: "string"
    case .path: "path"
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .array: "array"
    case .object: "object"
    }
  }
}
