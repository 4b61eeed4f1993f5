internal import PonsEngine
internal import PonsKit

/// The checks that call a stage; raw values are what reports show.
enum ConformanceCheck: String, CaseIterable, Sendable {
  case creates = "creates with defaults"
  case refusesParameters = "refuses garbage parameters"
  case works = "keeps its ports' promises"
  case inputsUnmodified = "inputs unmodified"
  case deterministic = "deterministic"
  case cancels = "cancels"
  case garbageInputs = "survives garbage inputs"
  case noLeak = "no leak over 1000 calls"
  case destroyAfterFailure = "destroy after failure"
}

/// How a check ended, thrown from wherever that is known.
struct ConformanceEnd: Error {
  var outcome: ConformanceReport.Outcome
  var reason: String

  static func failed(_ reason: String) -> Self { Self(outcome: .failed, reason: reason) }
  static func skipped(_ reason: String) -> Self { Self(outcome: .skipped, reason: reason) }
  static func passed(_ reason: String) -> Self { Self(outcome: .passed, reason: reason) }
}

/// One stage under test, in the process that its checks may take down.
struct StageUnderTest {
  let provider: any StageProvider
  /// As given, with what is required made up.
  let parameters: JSON
  /// Required parameters that were made up.
  let invented: [String]

  var stage: StageDescriptor { provider.descriptor }

  init(provider: any StageProvider, given: [String: JSON]) throws {
    self.provider = provider
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

  func make() throws -> any StageInstance {
    do {
      return try provider.makeInstance(parameters: parameters, call: LocalCall(stage: stage))
    } catch let failure as StageFailure where !invented.isEmpty {
      throw ConformanceEnd.skipped(
        "it needs real values of \(invented.joined(separator: ", ")): \(failure.message)")
    } catch let failure as StageFailure {
      throw ConformanceEnd.failed(
        "it cannot be made with its defaults: \(failure.code): \(failure.message)")
    }
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

  /// Calls the stage once; sources list their cases and read the first.
  @discardableResult func run(
    _ instance: any StageInstance, _ inputs: [String: [Packet]], endsAtQuestion: Int? = nil
  ) throws -> LocalCall {
    if !stage.isSource {
      let call = LocalCall(stage: stage, inputs: inputs, endsAtQuestion: endsAtQuestion)
      try instance.process(call)
      return call
    }
    let listing = LocalCall(stage: stage, endsAtQuestion: endsAtQuestion)
    try instance.enumerate(listing)
    guard let first = listing.record.cases.map(\.name).min() else {
      throw ConformanceEnd.skipped("the source has no cases with these parameters")
    }
    let call = LocalCall(stage: stage, endsAtQuestion: endsAtQuestion)
    try instance.read(name: first, call)
    return call
  }

  /// Calls the stage with plain inputs; a stage that refuses those cannot be checked further.
  func runPlain(_ instance: any StageInstance) throws -> LocalCall {
    do {
      return try run(instance, inputs())
    } catch let failure as StageFailure where failure.category != .internal {
      if !invented.isEmpty {
        throw ConformanceEnd.skipped(
          "it needs real values of \(invented.joined(separator: ", ")): \(failure.message)")
      }
      throw ConformanceEnd.skipped("it refuses the suite's sample inputs: \(failure.message)")
    } catch let failure as StageFailure {
      throw ConformanceEnd.failed("\(failure.code): \(failure.message)")
    }
  }
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
