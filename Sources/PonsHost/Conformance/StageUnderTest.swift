internal import PonsEngine
internal import PonsKit

/// One stage under test, in the process that its checks may take down.
struct StageUnderTest {
  let provider: any StageProvider
  /// As given, with what is required made up.
  let parameters: JSON
  /// Required parameters that were made up.
  let invented: [String]
  /// How long all calls of a check may take together. Then the stage is told to end.
  let seconds: Double
  private let deadline: Double

  var stage: StageDescriptor { provider.descriptor }

  init(provider: any StageProvider, given: [String: JSON], seconds: Double) throws {
    self.provider = provider
    self.seconds = seconds
    deadline = MonotonicClock.seconds + seconds
    var values = given
    var invented: [String] = []
    for parameter in provider.descriptor.parameters
    where parameter.isRequired && values[parameter.name] == nil {
      values[parameter.name] = parameter.invented
      invented.append(parameter.name)
    }
    self.invented = invented
    do throws(StageFailure) {
      parameters = .object(
        try ParameterSchema(provider.descriptor.parameters).filled(.object(values)))
    } catch {
      throw ConformanceEnd.failed("the parameters do not fit the schema: \(error.message)")
    }
  }

  /// The smallest values of all whole numbers that were not given and can be smaller: fewer steps, smaller batches.
  func smallest(given: [String: JSON]) -> [String: JSON] {
    var smallest: [String: JSON] = [:]
    for parameter in stage.parameters where parameter.type == .integer {
      guard given[parameter.name] == nil, let minimum = parameter.minimum,
        let value = parameters[parameter.name]?.number, value > minimum
      else { continue }
      smallest[parameter.name] = .integer(Int64(minimum.rounded(.up)))
    }
    return smallest
  }

  func make() throws -> any StageInstance {
    do {
      return try provider.makeInstance(parameters: parameters, call: LocalCall(stage: stage))
    } catch let failure as StageFailure where !invented.isEmpty {
      throw ConformanceEnd.skipped(needsValues(failure))
    } catch let failure as StageFailure where failure.category == .badParameter {
      throw ConformanceEnd.skipped("its defaults do not fit here: \(failure.message)")
    } catch let failure as StageFailure {
      throw ConformanceEnd.failed(
        "it cannot be made with its defaults: \(failure.code): \(failure.message)")
    }
  }

  private func needsValues(_ failure: StageFailure) -> String {
    "it needs real values of \(invented.joined(separator: ", ")): \(failure.message)"
  }

  /// Packets for every input, three cases for ALL ports.
  func inputs(_ flavour: SampleInputs.Flavour = .plain) throws -> [String: [Packet]] {
    var inputs: [String: [Packet]] = [:]
    for port in stage.inputs {
      let kind = port.kind == PortDescriptor.anyKind ? "volume" : port.kind
      if !SampleInputs.kinds.contains(kind) {
        if port.isOptional { continue }
        throw ConformanceEnd.skipped("there are no samples of kind '\(kind)'")
      }
      let keys = port.flow == .input(.all) ? ["case1", "case2", "case3"] : ["case1"]
      inputs[port.name] = try keys.map {
        try SampleInputs.packet(
          kind: kind, caseKey: $0, elementType: port.elementTypes.first, flavour: flavour)
      }
    }
    return inputs
  }

  /// Cases that are absent at the ports that ask for them: one of each fate.
  private var absent: [String: [Absence]] {
    let asking = stage.inputs.filter(\.asksForAbsent).map(\.name)
    return Dictionary(uniqueKeysWithValues: asking.map { ($0, SampleInputs.absences) })
  }

  /// Calls the stage once; sources list their cases and read the first.
  ///
  /// - Parameters:
  ///   - endsAtQuestion: see ``LocalCall``.
  ///   - endsAfter: seconds after which the stage is told to end; at the latest it is when the check's time is over.
  ///   - checksPackets: see ``LocalCall``.
  /// - Throws: ``CallTooLong``, and ``ConformanceEnd`` for an answer that cannot be.
  func attempt(
    _ instance: any StageInstance, _ inputs: [String: [Packet]], endsAtQuestion: Int? = nil,
    endsAfter: Double? = nil, checksPackets: Bool = true
  ) throws -> Attempt {
    let start = MonotonicClock.seconds
    let end = endsAfter.map { min(deadline, start + $0) } ?? deadline
    func call(_ inputs: [String: [Packet]] = [:]) -> LocalCall {
      LocalCall(
        stage: stage, inputs: inputs, absent: absent, endsAtQuestion: endsAtQuestion,
        endsAtTime: end, checksPackets: checksPackets)
    }
    func attempt(_ call: LocalCall, _ body: (LocalCall) throws -> Void) throws -> Attempt {
      var failure: StageFailure?
      do { try body(call) } catch let thrown as StageFailure { failure = thrown }
      let attempt = Attempt(
        call: call, failure: failure, start: start, end: MonotonicClock.seconds)
      if failure?.category == .cancelled {
        if attempt.toldAt == nil {
          throw ConformanceEnd.failed("it answered CANCELLED, but nobody told it to end")
        }
        if endsAtQuestion == nil, endsAfter == nil { throw CallTooLong(seconds: seconds) }
      }
      return attempt
    }
    if !stage.isSource { return try attempt(call(inputs)) { try instance.process($0) } }
    let listing = try attempt(call()) { try instance.enumerate($0) }
    if listing.failure != nil { return listing }
    guard let first = listing.call.record.cases.map(\.name).min() else {
      throw ConformanceEnd.skipped("the source has no cases with these parameters")
    }
    return try attempt(call()) { try instance.read(name: first, $0) }
  }

  /// Calls the stage with plain inputs; a stage that refuses those cannot be checked further.
  func runPlain(_ instance: any StageInstance) throws -> LocalCall {
    let attempt = try attempt(instance, inputs())
    if let refusal = try refusal(attempt) { throw ConformanceEnd.skipped(refusal) }
    return attempt.call
  }

  /// Why the stage wants none of the samples, when that is what it said; nil when it returned.
  ///
  /// - Throws: ``ConformanceEnd`` for every answer that is no refusal.
  func refusal(_ attempt: Attempt) throws -> String? {
    guard let failure = attempt.failure else { return nil }
    switch failure.category {
    case .badInput, .badParameter:
      if !invented.isEmpty { return needsValues(failure) }
      return "it refuses the suite's sample inputs: \(failure.message)"
    case .resource where !invented.isEmpty:
      return needsValues(failure)
    default:
      throw ConformanceEnd.failed("\(failure.code): \(failure.message)")
    }
  }
}

/// One call of a stage, and how it ended.
struct Attempt {
  /// What the stage told the host.
  let call: LocalCall
  /// What it answered; nil when it returned.
  let failure: StageFailure?
  let start: Double
  let end: Double

  /// When the stage was told to end.
  var toldAt: Double? { call.record.toldAt }
}

extension ParameterDescriptor {
  /// A value that fits, for parameters that have no default.
  fileprivate var invented: JSON {
    if let first = allowed.first { return first }
    switch type {
    case .string: return "sample"
    case .path: return "/nonexistent/sample"
    case .integer: return .integer(Int64((minimum ?? min(1, maximum ?? 1)).rounded(.up)))
    case .number: return .number(minimum ?? min(1, maximum ?? 1))
    case .boolean: return true
    case .array: return []
    case .object: return [:]
    }
  }
}
