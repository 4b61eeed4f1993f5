internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import PonsKit

extension ConformanceCheck {
  /// Runs the check in this process and answers how it ended.
  func run(file: String, stage id: String, given: [String: JSON]) -> ConformanceEnd {
    do {
      let library = try PluginLibrary(path: file)
      guard let descriptor = library.descriptor.stages.first(where: { $0.id == id }) else {
        return .failed("the plugin has no stage '\(id)'")
      }
      let provider = try PluginStageProvider(
        library: library, descriptor: descriptor, codeDigest: "")
      try run(StageUnderTest(provider: provider, given: given))
      return .passed("")
    } catch let end as ConformanceEnd {
      return end
    } catch let failure as StageFailure {
      return .failed("\(failure.code): \(failure.message)")
    } catch {
      return .failed("\(error)")
    }
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
    let record = try runPlain(try make()).record
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
    do {
      try run(instance, inputs)
    } catch let failure as StageFailure where failure.category != .internal {
      // Refusing the samples is no reason to have written to them.
    }
    if try digests(inputs) != before { throw ConformanceEnd.failed("it changed an input") }
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

  fileprivate func checkCancel() throws {
    let instance = try make()
    _ = try runPlain(instance)
    let inputs = try inputs()
    let start = MonotonicClock.seconds
    do {
      let call = try run(instance, inputs, endsAtQuestion: 0)
      let seconds = MonotonicClock.seconds - start
      if seconds > 1 {
        throw ConformanceEnd.failed("it went on for \(seconds) s after it was told to end")
      }
      if call.record.questions == 0 {
        throw ConformanceEnd.passed("it never asks, but a call on small inputs is short")
      }
    } catch let failure as StageFailure {
      let seconds = MonotonicClock.seconds - start
      if seconds > 1 {
        throw ConformanceEnd.failed("it went on for \(seconds) s after it was told to end")
      }
      if failure.category != .cancelled {
        throw ConformanceEnd.failed(
          "told to end, it answered \(failure.category.defaultCode): \(failure.message)")
      }
    }
  }

  fileprivate func checkGarbage() throws {
    if stage.isSource { throw ConformanceEnd.skipped("a source has no inputs") }
    let instance = try make()
    for flavour in SampleInputs.Flavour.allCases where flavour != .plain {
      do {
        try run(instance, inputs(flavour))
      } catch let failure as StageFailure where failure.category == .internal {
        throw ConformanceEnd.failed(
          "\(flavour.rawValue): answered INTERNAL (\(failure.message)), expected BAD_INPUT")
      } catch is StageFailure {
        continue
      }
    }
  }

  fileprivate func checkLeaks() throws {
    let instance = try make()
    let inputs = try inputs()
    _ = try runPlain(instance)
    let warmUp = 200
    let total = 1000
    var before = 0
    let start = MonotonicClock.seconds
    var calls = 0
    let packets = Handles.lentPackets
    while calls < total, MonotonicClock.seconds - start < 20 || calls <= warmUp + 10 {
      if calls == warmUp { before = Self.residentBytes }
      _ = try run(instance, inputs)
      calls += 1
    }
    let growth = Self.residentBytes - before
    // A page here and there is the allocator's; 4 MiB over some hundred calls is a leak.
    if growth > 4 << 20 {
      throw ConformanceEnd.failed(
        "resident memory grew by \(growth / 1024) KiB in \(calls - warmUp) calls")
    }
    let held = Handles.lentPackets - packets
    if held > 8 {
      throw ConformanceEnd.failed("\(held) packets were retained and not released")
    }
    if calls < total { throw ConformanceEnd.passed("\(calls) calls in 20 s") }
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
      do { try run(instance, inputs(.missingTensors)) } catch is StageFailure {}
      _ = try runPlain(instance)
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
