internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import PonsKit

extension ConformanceCheck {
  /// Runs the check in this process and answers how it ended.
  ///
  /// - Parameter seconds: how long its calls may take together; then the stage is told to end.
  func run(file: String, stage id: String, given: [String: JSON], seconds: Double) -> ConformanceEnd
  {
    do {
      if ProgramPlugin.isDescription(file) {
        return try HostFile.withTemporaryFolder { folder in
          let program = try ProgramUnderTest(file: file, stage: id, folder: folder)
          return try run(program, given, seconds)
        }
      }
      let library = try PluginLibrary(path: file)
      guard let descriptor = library.descriptor.stages.first(where: { $0.id == id }) else {
        return .failed("the plugin has no stage '\(id)'")
      }
      let provider = try PluginStageProvider(
        library: library, descriptor: descriptor, codeDigest: "")
      return try run(provider, given, seconds)
    } catch let end as ConformanceEnd {
      return end
    } catch let long as CallTooLong {
      return .tooLong(long)
    } catch let failure as StageFailure {
      return .failed("\(failure.code): \(failure.message)")
    } catch {
      return .failed("\(error)")
    }
  }

  private func run(_ provider: any StageProvider, _ given: [String: JSON], _ seconds: Double) throws
    -> ConformanceEnd
  {
    if self == .works { return try runFirst(provider, given, seconds) }
    try run(StageUnderTest(provider: provider, given: given, seconds: seconds))
    return .passed("")
  }

  /// The first check that calls the stage finds out whether a call is long, and makes it shorter if it can: what a stage
  /// does in one step of a training tells as much about it as all of them.
  private func runFirst(_ provider: any StageProvider, _ given: [String: JSON], _ seconds: Double)
    throws -> ConformanceEnd
  {
    let whole = try StageUnderTest(provider: provider, given: given, seconds: min(5, seconds / 10))
    do {
      try run(whole)
      return .passed("")
    } catch is CallTooLong {}
    let smallest = whole.smallest(given: given)
    let values = given.merging(smallest) { given, _ in given }
    let shown = smallest.sorted { $0.key < $1.key }
      .map { "\($0.key) = \($0.value.canonical)" }.joined(separator: ", ")
    let reason =
      "with \(shown), because a call with the defaults goes on for more than "
      + "\(whole.seconds.tenths) s"
    do {
      try run(StageUnderTest(provider: provider, given: values, seconds: seconds))
    } catch var end as ConformanceEnd where !smallest.isEmpty {
      end.reason = "\(reason): \(end.reason)"
      throw end
    }
    return ConformanceEnd(
      outcome: .passed, reason: smallest.isEmpty ? "" : reason, shortened: smallest)
  }

  private func run(_ test: StageUnderTest) throws {
    switch self {
    case .creates: _ = try test.make()
    case .refusesParameters: try test.checkParameters()
    case .works: try test.checkPromises()
    case .inputsUnmodified: try test.checkInputs()
    case .deterministic: try test.checkDeterminism()
    case .cancels: try test.checkCancel()
    case .garbageInputs: try test.checkGarbage()
    case .noLeak: try test.checkLeaks()
    case .destroyAfterFailure: try test.checkDestroy()
    }
  }
}

extension StageUnderTest {
  fileprivate func checkParameters() throws {
    var tried: [(String, JSON)] = [
      ("an unknown parameter", ["there_is_no_such_parameter": 1]), ("an array", []),
      ("null", nil),
    ]
    for parameter in stage.parameters {
      let wrong: JSON = parameter.type.isText ? 12.5 : "garbage"
      var values = parameters.object ?? [:]
      values[parameter.name] = wrong
      tried.append(("\(parameter.name) = \(wrong.canonical)", .object(values)))
    }
    var accepted: [String] = []
    for (what, json) in tried {
      do {
        _ = try provider.makeInstance(parameters: json, call: LocalCall(stage: stage))
        accepted.append(what)
      } catch let failure as StageFailure {
        if failure.category == .badParameter { continue }
        throw ConformanceEnd.failed(
          "\(what) is answered by \(failure.category.defaultCode), expected BAD_PARAMETER")
      }
    }
    if !accepted.isEmpty {
      throw ConformanceEnd.passed(
        "accepted, though the host would have refused: \(accepted.joined(separator: "; "))")
    }
  }

  fileprivate func checkPromises() throws {
    let record = try runPlain(make()).record
    for sent in record.sent {
      guard let port = stage.output(sent.port) else {
        throw ConformanceEnd.failed("it sent to '\(sent.port)', which is no output")
      }
      if sent.isForwarded, sent.packet.kind != port.kind {
        throw ConformanceEnd.failed(
          "it forwarded a '\(sent.packet.kind)' to port '\(port.name)', which sends '\(port.kind)'")
      }
    }
    let drops = record.verdicts.filter { $0.decision != .keep }
    let cases = stage.schedule == .allCases ? 3 : 1
    for port in stage.outputs where !port.isOptional {
      let count = record.sent.count { $0.port == port.name }
      switch port.flow {
      case .output(.one) where count != 1:
        throw ConformanceEnd.failed("port '\(port.name)' got \(count) packets, expected one")
      case .output(.perCase) where count + drops.count != cases:
        throw ConformanceEnd.failed(
          "port '\(port.name)' got \(count) packets and \(drops.count) cases were dropped; "
            + "expected \(cases) together")
      default: break
      }
    }
  }

  fileprivate func checkInputs() throws {
    if stage.isSource { throw ConformanceEnd.skipped("a source has no inputs") }
    let instance = try make()
    let inputs = try inputs()
    let json: JSON = [
      "outcome": "failed", "reason": "it wrote to an input; inputs are read-only",
    ]
    let answer = strdup(json.canonical)
    for tensor in inputs.values.joined().flatMap(\.tensors) {
      // Whole pages, as the kernel protects them.
      let start = UInt(bitPattern: tensor.data) & ~4095
      pons_system_watch(
        UnsafeRawPointer(bitPattern: start), UInt(tensor.byteCount) + 4096, answer)
    }
    let before = try digests(inputs)
    // Refusing the samples is no reason to have written to them.
    let refusal = try refusal(attempt(instance, inputs))
    if try digests(inputs) != before { throw ConformanceEnd.failed("it changed an input") }
    if let refusal { throw ConformanceEnd.passed(refusal) }
  }

  private func digests(_ inputs: [String: [Packet]]) throws -> [String] {
    try inputs.sorted { $0.key < $1.key }.flatMap(\.value).map { try $0.contentDigest() }
  }

  fileprivate func checkDeterminism() throws {
    if !stage.isDeterministic { throw ConformanceEnd.skipped("it does not say so") }
    let first = try outcome(of: try make())
    let second = try outcome(of: try make())
    if first != second {
      throw ConformanceEnd.failed("two instances gave different packets for equal inputs")
    }
    // The state of an instance must not show either.
    let instance = try make()
    _ = try outcome(of: instance)
    if try outcome(of: instance) != first {
      throw ConformanceEnd.failed("the second call of an instance gave different packets")
    }
  }

  private func outcome(of instance: any StageInstance) throws -> [String] {
    let record = try runPlain(instance).record
    let packets = try record.sent.map {
      "\($0.port) \($0.caseKey ?? "") \(try $0.packet.contentDigest())"
    }
    return packets.sorted() + record.verdicts.map { "\($0)" }.sorted()
  }

  /// Told to end at the first question, a stage has done nothing yet and ends at once. Told in the middle of its work, it may
  /// need longer, as long as a step of a network takes; but then it says so and does not finish.
  fileprivate func checkCancel() throws {
    let first = try attempt(make(), inputs(), endsAtQuestion: 0)
    if let told = first.toldAt {
      try checkAnswer(of: first)
      if first.end - told > 1 { throw Self.wentOn(first.end - told) }
    } else {
      if let refusal = try refusal(first) { throw ConformanceEnd.skipped(refusal) }
      let passed = first.end - first.start
      if passed > 1 {
        throw ConformanceEnd.failed(
          "it went on for \(passed.tenths) s and never asked whether to end")
      }
      throw ConformanceEnd.passed("it never asks, but a call on small inputs is short")
    }
    let beforeEnd = 0.5
    let whole = try attempt(make(), inputs(), endsAfter: beforeEnd)
    let passed = whole.end - whole.start - beforeEnd
    if whole.failure == nil, passed > 1 { throw Self.wentOn(passed) }
    if whole.toldAt != nil { try checkAnswer(of: whole) }
    if whole.failure?.category == .cancelled, passed > 1 {
      throw ConformanceEnd.passed(
        "in the middle of its work it ended \(passed.tenths) s after it was told to, expected 0.1 s"
      )
    }
  }

  private static func wentOn(_ seconds: Double) -> ConformanceEnd {
    .failed("it went on for \(seconds.tenths) s after it was told to end")
  }

  /// Checks what a stage answered that was told to end: CANCELLED, or nothing when it was nearly through.
  private func checkAnswer(of attempt: Attempt) throws {
    guard let failure = attempt.failure, failure.category != .cancelled else { return }
    // What is refused anyway may be refused after the question too.
    if let refusal = try refusal(self.attempt(make(), inputs())) {
      throw ConformanceEnd.skipped(refusal)
    }
    throw ConformanceEnd.failed(
      "told to end, it answered \(failure.category.defaultCode): \(failure.message)")
  }

  fileprivate func checkGarbage() throws {
    if stage.isSource { throw ConformanceEnd.skipped("a source has no inputs") }
    let instance = try make()
    for flavour in SampleInputs.Flavour.allCases where flavour != .plain {
      // What passes a broken input on cannot be blamed for what is broken in its output.
      let failure = try attempt(instance, inputs(flavour), checksPackets: false).failure
      if let failure, failure.category == .internal {
        throw ConformanceEnd.failed(
          "\(flavour.rawValue): answered INTERNAL (\(failure.message)), expected BAD_INPUT")
      }
    }
  }

  fileprivate func checkLeaks() throws {
    let instance = try make()
    let inputs = try inputs()
    let refusal = try refusal(attempt(instance, inputs))
    let total = 1000
    let start = MonotonicClock.seconds
    let limit = min(20, seconds / 3)
    let packets = Handles.lentPackets
    // What is loaded once, and pools that fill, are no leaks.
    var warm: (calls: Int, bytes: Int)?
    var calls = 0
    while calls < total, MonotonicClock.seconds - start < limit {
      if warm == nil, calls == 200 || MonotonicClock.seconds - start > limit / 4 {
        warm = (calls, Self.residentBytes)
      }
      _ = try self.refusal(attempt(instance, inputs))
      calls += 1
    }
    guard let warm, calls - warm.calls >= 10 else {
      throw ConformanceEnd.skipped("only \(calls) calls fit into \(limit.tenths) s")
    }
    let growth = Self.residentBytes - warm.bytes
    // Pages here and there are the allocator's, and more of them where LibTorch computes; 8 MiB over some calls are a leak.
    if growth > 8 << 20 {
      throw ConformanceEnd.failed(
        "resident memory grew by \(growth / 1024) KiB in \(calls - warm.calls) calls")
    }
    let held = Handles.lentPackets - packets
    if held > 8 {
      throw ConformanceEnd.failed("\(held) packets were retained and not released")
    }
    let reasons = [calls < total ? "\(calls) calls in \(limit.tenths) s" : nil, refusal]
    throw ConformanceEnd.passed(reasons.compactMap(\.self).joined(separator: "; "))
  }

  private static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  fileprivate func checkDestroy() throws {
    if stage.isSource {
      try? make().read(name: "there is no such case", LocalCall(stage: stage))
      _ = try make()
      return
    }
    do {
      let instance = try make()
      // Some stages take this; then there is no failure to be destroyed after, and nothing to hold against it.
      _ = try attempt(instance, inputs(.missingTensors))
      _ = try refusal(attempt(instance, inputs()))
    }
    _ = try make()
  }
}

extension ParameterType {
  fileprivate var isText: Bool { self == .string || self == .path }
}

extension Packet {
  /// SHA-256 over kind, metadata and tensors.
  fileprivate func contentDigest() throws -> String {
    var hash = SHA256()
    hash.update(field: kind)
    hash.update(field: metadata)
    for tensor in tensors {
      hash.update(field: "\(tensor.name) \(tensor.type.rawValue) \(tensor.shape)")
      hash.update(tensor.bytes)
    }
    return try hash.finish()
  }
}
