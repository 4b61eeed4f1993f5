internal import CPons
internal import PonsKit

extension PluginDescriptor {
  /// Reads the C structs of a plugin. Pointers that lead nowhere crash: the first reading of a file happens in a
  /// child process.
  init(reading plugin: UnsafePointer<pons_plugin>) throws(PluginFault) {
    let plugin = plugin.pointee
    if plugin.size < MemoryLayout<pons_plugin>.size {
      throw PluginFault(
        code: "BAD_ABI",
        "pons_plugin has \(plugin.size) bytes, expected at least \(MemoryLayout<pons_plugin>.size)")
    }
    if plugin.critical_flags != 0 {
      throw PluginFault(
        code: "UNKNOWN_FLAGS",
        "it needs features that this version does not know (critical flags \(plugin.critical_flags))"
      )
    }
    if plugin.`init` == nil || plugin.deinit == nil {
      throw .descriptor("init or deinit of pons_plugin is NULL")
    }
    name = try CDescriptor.read(plugin.name, "the plugin's name")
    version = try CDescriptor.read(plugin.version, "the plugin's version")
    build = try CDescriptor.read(plugin.build, "the plugin's build")
    abiMinor = Int(plugin.abi_minor)
    let extensions = try CDescriptor.count(plugin.required_extension_count, "required extensions")
    if extensions > 0, plugin.required_extensions == nil {
      throw .descriptor("required_extensions is NULL")
    }
    requiredExtensions = []
    for index in 0..<extensions {
      requiredExtensions.append(
        try CDescriptor.read(plugin.required_extensions[index], "a required extension"))
    }
    stages = []
    for index in 0..<(try CDescriptor.count(plugin.stage_count, "stages")) {
      guard let stage = plugin.stages?[index] else { throw .descriptor("stage \(index) is NULL") }
      stages.append(try StageDescriptor(reading: stage))
    }
    try check()
  }
}

extension StageDescriptor {
  fileprivate init(reading stage: UnsafePointer<pons_stage>) throws(PluginFault) {
    let stage = stage.pointee
    if stage.size < MemoryLayout<pons_stage>.size {
      throw PluginFault(
        code: "BAD_ABI",
        "pons_stage has \(stage.size) bytes, expected at least \(MemoryLayout<pons_stage>.size)")
    }
    let id = try CDescriptor.read(stage.id, "a stage's id")
    if stage.critical_flags != 0 {
      throw PluginFault(
        code: "UNKNOWN_FLAGS",
        "stage '\(id)' needs features that this version does not know "
          + "(critical flags \(stage.critical_flags))")
    }
    let isSource = stage.enumerate != nil || stage.read != nil
    if isSource, stage.enumerate == nil || stage.read == nil || stage.process != nil {
      throw .descriptor("stage '\(id)': a source has enumerate and read, and no process")
    }
    if !isSource, stage.process == nil {
      throw .descriptor("stage '\(id)' has neither process, nor enumerate and read")
    }
    if stage.create == nil || stage.destroy == nil {
      throw .descriptor("stage '\(id)': create or destroy is NULL")
    }
    let concurrencies: [StageConcurrency] = [.perProcess, .perInstance, .parallel]
    guard concurrencies.indices.contains(Int(stage.concurrency)) else {
      throw .descriptor("stage '\(id)': unknown concurrency \(stage.concurrency)")
    }
    var ports: [PortDescriptor] = []
    for index in 0..<(try CDescriptor.count(stage.port_count, "ports of stage '\(id)'")) {
      guard let port = stage.ports?[index] else {
        throw .descriptor("stage '\(id)': port \(index) is NULL")
      }
      ports.append(try PortDescriptor(reading: port, stage: id))
    }
    let flags = stage.flags
    self.init(
      id: id, version: try CDescriptor.read(stage.version, "the version of stage '\(id)'"),
      summary: try CDescriptor.read(stage.summary, "the summary of stage '\(id)'"),
      inputs: ports.filter(\.isInput), outputs: ports.filter { !$0.isInput },
      parameters: try Self.parameters(
        try CDescriptor.read(stage.parameters, "the schema of '\(id)'"), id),
      concurrency: concurrencies[Int(stage.concurrency)],
      isDeterministic: flags & UInt64(PONS_STAGE_DETERMINISTIC) != 0,
      usesGPU: flags & UInt64(PONS_STAGE_GPU) != 0,
      isTerminal: flags & UInt64(PONS_STAGE_TERMINAL) != 0,
      isTransient: flags & UInt64(PONS_STAGE_TRANSIENT) != 0,
      takesAnyThreads: flags & UInt64(PONS_STAGE_ANY_THREADS) != 0,
      parsesForeignBytes: flags & UInt64(PONS_STAGE_FOREIGN_BYTES) != 0, isSource: isSource)
  }

  private static func parameters(_ schema: String, _ id: String) throws(PluginFault)
    -> [ParameterDescriptor]
  {
    if schema.isEmpty { return [] }
    do {
      return try ParameterSchema(reading: JSON(parsing: schema)).parameters
    } catch let error as JSONError {
      throw .descriptor("stage '\(id)': the schema of its parameters is no JSON: \(error)")
    } catch let failure as StageFailure {
      throw .descriptor("stage '\(id)': \(failure.message)")
    } catch {
      throw .descriptor("stage '\(id)': \(error)")
    }
  }
}

extension PortDescriptor {
  fileprivate init(reading port: UnsafePointer<pons_port>, stage: String) throws(PluginFault) {
    let port = port.pointee
    if port.size < MemoryLayout<pons_port>.size {
      throw PluginFault(
        code: "BAD_ABI",
        "pons_port has \(port.size) bytes, expected at least \(MemoryLayout<pons_port>.size)")
    }
    let name = try CDescriptor.read(port.name, "a port's name")
    let place = "stage '\(stage)', port '\(name)'"
    if port.critical_flags & ~UInt64(PONS_PORT_CASE_KEYS) != 0 {
      throw PluginFault(
        code: "UNKNOWN_FLAGS",
        "\(place) needs features that this version does not know "
          + "(critical flags \(port.critical_flags))")
    }
    let flow: PortFlow
    switch (port.direction, port.cardinality) {
    case (PONS_INPUT, PONS_EACH): flow = .input(.each)
    case (PONS_INPUT, PONS_ALL): flow = .input(.all)
    case (PONS_INPUT, PONS_ONCE): flow = .input(.once)
    case (PONS_OUTPUT, PONS_ONE): flow = .output(.one)
    case (PONS_OUTPUT, PONS_PER_CASE): flow = .output(.perCase)
    case (PONS_OUTPUT, PONS_NEW_CASES): flow = .output(.newCases)
    default:
      throw .descriptor(
        "\(place): unknown direction \(port.direction) or cardinality \(port.cardinality)")
    }
    let sameGrid = try CDescriptor.read(port.same_grid, "same_grid of \(place)")
    var types: [ElementType] = []
    for text in try CDescriptor.read(port.dtypes, "dtypes of \(place)").split(separator: " ") {
      guard let type = ElementType(rawValue: String(text)) else {
        throw .descriptor("\(place): unknown dtype '\(text)'")
      }
      types.append(type)
    }
    self.init(
      name: name, summary: try CDescriptor.read(port.summary, "the summary of \(place)"),
      kind: try CDescriptor.read(port.kind, "the kind of \(place)"), flow: flow,
      isOptional: port.flags & UInt64(PONS_PORT_OPTIONAL) != 0,
      isGroundTruth: port.flags & UInt64(PONS_PORT_GROUND_TRUTH) != 0,
      isUnjoined: port.flags & UInt64(PONS_PORT_UNJOINED) != 0,
      asksForAbsent: port.flags & UInt64(PONS_PORT_ABSENT) != 0,
      sendsCaseKeys: port.critical_flags & UInt64(PONS_PORT_CASE_KEYS) != 0, elementTypes: types,
      sameGrid: sameGrid.isEmpty ? nil : sameGrid)
  }
}

/// Texts and counts of a plugin, with limits that no honest plugin reaches.
private enum CDescriptor {
  static func read(_ text: pons_string, _ what: String) throws(PluginFault) -> String {
    if text.length == 0 { return "" }
    guard let data = text.data, text.length <= 1 << 24 else {
      throw .descriptor("\(what) has \(text.length) bytes at NULL, or more than 16 MiB")
    }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(text.length))
    guard let valid = String(validating: bytes, as: UTF8.self) else {
      throw .descriptor("\(what) is not valid UTF-8")
    }
    return valid
  }

  static func count(_ count: UInt64, _ what: String) throws(PluginFault) -> Int {
    if count > 4096 { throw .descriptor("there are \(count) \(what), expected at most 4096") }
    return Int(count)
  }
}
