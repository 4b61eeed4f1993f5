internal import CPons
internal import Synchronization

/// The C structs that describe a plugin. Everything is allocated once and never freed.
struct PluginExport {
  let plugin: UnsafeMutablePointer<pons_plugin>

  init(name: String, version: String, build: String, stages: [any StageType.Type]) {
    let arena = Arena()
    let records = stages.map { StageRecord.make(for: $0, in: arena) }
    var plugin = pons_plugin()
    plugin.size = UInt64(MemoryLayout<pons_plugin>.size)
    plugin.abi_minor = UInt32(PONS_ABI_MINOR)
    plugin.name = arena.string(name)
    plugin.version = arena.string(version)
    plugin.build = arena.string(build)
    plugin.stage_count = UInt64(records.count)
    plugin.stages = UnsafePointer(
      arena.array(
        records.map { record -> UnsafePointer<pons_stage>? in
          // A record begins with its pons_stage.
          UnsafeRawPointer(record).assumingMemoryBound(to: pons_stage.self)
        }))
    let mistake = AuthorMistakes.first(in: stages.map { $0.descriptor })
    if let mistake {
      LoadedPlugin.mistake.withLock { $0 = mistake }
      plugin.`init` = { host in LoadedPlugin.refuse(host) }
    } else {
      plugin.`init` = { host in LoadedPlugin.start(host) }
    }
    plugin.deinit = { LoadedPlugin.stop() }
    plugin.extension = { LibrariesExport.extension($0) }
    self.plugin = arena.one(plugin)
    // The arena is left to the process: descriptors live as long as it does.
    _ = Unmanaged.passRetained(arena)
  }
}

/// What the library knows about the host that uses it.
enum LoadedPlugin {
  private struct Connection: @unchecked Sendable {
    // @unchecked: a pointer to the host's constant table.
    var host: UnsafePointer<pons_host>?
    var count = 0
  }

  private static let connection = Mutex(Connection())
  static let mistake = Mutex("")

  static var host: UnsafePointer<pons_host>? { connection.withLock { $0.host } }

  static func start(_ host: UnsafePointer<pons_host>?) -> pons_status {
    guard let host, host.pointee.size >= MemoryLayout<pons_host>.size else { return PONS_INTERNAL }
    connection.withLock { connection in
      connection.host = host
      connection.count += 1
    }
    return PONS_OK
  }

  /// Answers instead of `start` when the author made a mistake.
  static func refuse(_ host: UnsafePointer<pons_host>?) -> pons_status {
    guard let host, host.pointee.size >= MemoryLayout<pons_host>.size else { return PONS_INTERNAL }
    let failure = StageFailure(.internal, code: "BAD_DESCRIPTOR", mistake.withLock { $0 })
    return failure.report(to: host, context: 0)
  }

  static func stop() {
    connection.withLock { connection in
      connection.count -= 1
      if connection.count <= 0 { connection.host = nil }
    }
  }
}

/// A `pons_stage` with the Swift type behind it.
struct StageRecord {
  /// Must come first: the host hands its address to `create`.
  var stage: pons_stage
  let type: any StageType.Type

  static func make(for type: any StageType.Type, in arena: Arena) -> UnsafeMutablePointer<Self> {
    let descriptor = type.descriptor
    let ports = descriptor.inputs + descriptor.outputs
    var stage = pons_stage()
    stage.size = UInt64(MemoryLayout<pons_stage>.size)
    stage.id = arena.string(descriptor.id)
    stage.version = arena.string(descriptor.version)
    stage.summary = arena.string(descriptor.summary)
    stage.port_count = UInt64(ports.count)
    stage.ports = UnsafePointer(
      arena.array(ports.map { UnsafePointer(arena.one($0.exported(in: arena))) }))
    stage.parameters = arena.string(ParameterSchema(descriptor.parameters).json.canonical)
    stage.flags = UInt64(
      (descriptor.isDeterministic ? PONS_STAGE_DETERMINISTIC : 0)
        | (descriptor.usesGPU ? PONS_STAGE_GPU : 0)
        | (descriptor.isTerminal ? PONS_STAGE_TERMINAL : 0)
        | (descriptor.isTransient ? PONS_STAGE_TRANSIENT : 0)
        | (descriptor.takesAnyThreads ? PONS_STAGE_ANY_THREADS : 0)
        | (descriptor.parsesForeignBytes ? PONS_STAGE_FOREIGN_BYTES : 0))
    switch descriptor.concurrency {
    case .perProcess: stage.concurrency = PONS_PER_PROCESS
    case .perInstance: stage.concurrency = PONS_PER_INSTANCE
    case .parallel: stage.concurrency = PONS_PARALLEL
    }
    StageInstanceBox.fillFunctions(of: &stage, for: type)
    return arena.one(StageRecord(stage: stage, type: type))
  }
}

extension PortDescriptor {
  fileprivate func exported(in arena: Arena) -> pons_port {
    var port = pons_port()
    port.size = UInt64(MemoryLayout<pons_port>.size)
    port.name = arena.string(name)
    port.summary = arena.string(summary)
    port.kind = arena.string(kind)
    switch flow {
    case .input(let cardinality):
      port.direction = PONS_INPUT
      switch cardinality {
      case .each: port.cardinality = PONS_EACH
      case .all: port.cardinality = PONS_ALL
      case .once: port.cardinality = PONS_ONCE
      }
    case .output(let cardinality):
      port.direction = PONS_OUTPUT
      switch cardinality {
      case .one: port.cardinality = PONS_ONE
      case .perCase: port.cardinality = PONS_PER_CASE
      case .newCases: port.cardinality = PONS_NEW_CASES
      }
    }
    port.flags = UInt64(
      (isOptional ? PONS_PORT_OPTIONAL : 0) | (isGroundTruth ? PONS_PORT_GROUND_TRUTH : 0)
        | (isUnjoined ? PONS_PORT_UNJOINED : 0)
        | (asksForAbsent ? PONS_PORT_ABSENT : 0))
    port.critical_flags = sendsCaseKeys ? UInt64(PONS_PORT_CASE_KEYS) : 0
    port.dtypes = arena.string(elementTypes.map(\.rawValue).joined(separator: " "))
    port.same_grid = arena.string(sameGrid ?? "")
    return port
  }
}
