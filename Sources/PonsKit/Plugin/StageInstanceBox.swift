internal import CPons

/// What `*instance` points to: a Swift stage, and the C functions that call it. No error unwinds across C.
final class StageInstanceBox: Sendable {
  let stage: any StageType

  init(_ stage: any StageType) { self.stage = stage }

  static func fillFunctions(of stage: inout pons_stage, for type: any StageType.Type) {
    stage.create = { stage, context, parameters, instance in
      StageInstanceBox.guarded(context) { context in
        guard let stage, let instance else {
          throw StageFailure(.internal, "create was called without a stage")
        }
        let record = UnsafeRawPointer(stage).assumingMemoryBound(to: StageRecord.self)
        let text = String(parameters)
        let made = try StageInstanceBox.makeStage(
          record.pointee.type, text.isEmpty ? "{}" : text, context)
        instance.pointee = Unmanaged.passRetained(StageInstanceBox(made)).toOpaque()
      }
    }
    stage.destroy = { instance in
      if let instance { Unmanaged<StageInstanceBox>.fromOpaque(instance).release() }
    }
    if type is any SourceStage.Type {
      stage.enumerate = { instance, context in
        StageInstanceBox.guarded(context) { try StageInstanceBox.source(instance).enumerate($0) }
      }
      stage.read = { instance, context, name in
        StageInstanceBox.guarded(context) {
          try StageInstanceBox.source(instance).read(String(name), $0)
        }
      }
    }
    if type is any Stage.Type {
      stage.process = { instance, context in
        StageInstanceBox.guarded(context) { context in
          guard let stage = StageInstanceBox.box(instance)?.stage as? any Stage else {
            throw StageFailure(.internal, "process was called without an instance")
          }
          try stage.process(context)
        }
      }
    }
  }

  private static func box(_ instance: UnsafeMutableRawPointer?) -> StageInstanceBox? {
    instance.map { Unmanaged<StageInstanceBox>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func source(_ instance: UnsafeMutableRawPointer?) throws -> any SourceStage {
    guard let stage = box(instance)?.stage as? any SourceStage else {
      throw StageFailure(.internal, "a source was called without an instance")
    }
    return stage
  }

  private static func makeStage<Made: StageType>(
    _ type: Made.Type, _ parameters: String, _ context: Context
  ) throws -> Made {
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: parameters)
    } catch {
      throw StageFailure(.badParameter, "the parameters are no JSON: \(error)")
    }
    return try type.init(try Made.Parameters(json: json), context)
  }

  /// Runs `body` and turns what it throws into a status, described to the host.
  private static func guarded(_ handle: pons_context, _ body: (Context) throws -> Void)
    -> pons_status
  {
    guard let host = LoadedPlugin.host else { return PONS_INTERNAL }
    do {
      try body(Context(host: host, handle: handle))
      return PONS_OK
    } catch let refusal as HostRefusal {
      return refusal.category.rawValue
    } catch let failure as StageFailure {
      return failure.report(to: host, context: handle)
    } catch {
      return StageFailure(.internal, "\(error)").report(to: host, context: handle)
    }
  }
}

extension StageFailure {
  /// Describes the failure to the host; the answer is for the host as well.
  func report(to host: UnsafePointer<pons_host>, context: pons_context) -> pons_status {
    Arena.with { arena in
      var record = pons_error()
      record.size = UInt64(MemoryLayout<pons_error>.size)
      record.status = category.rawValue
      record.code = arena.string(code)
      record.message = arena.string(message)
      record.hint = arena.string(hint)
      record.parameter = arena.string(parameter ?? "")
      record.port = arena.string(port ?? "")
      host.pointee.fail(context, &record)
    }
    return category.rawValue
  }
}
