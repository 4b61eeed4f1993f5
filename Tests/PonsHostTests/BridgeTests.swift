import PonsEngine
import PonsHost
import PonsKit
import Testing

/// Runs plugins through the bridge, with nothing of the engine but packets.
struct BridgeTests {
  private func provider(_ file: String, _ id: String = "hostile.stage") throws -> any StageProvider
  {
    let registry = HostilePlugin.registry([file])
    #expect(registry.problems.isEmpty)
    return try registry.provider(for: id)
  }

  private func sample(_ kind: String = "volume", key: String = "case1") throws -> Packet {
    try SampleInputs.packet(kind: kind, caseKey: key, elementType: nil, flavour: .plain)
  }

  /// One call of a stage with one volume, and what came of it.
  private func call(
    _ provider: any StageProvider, _ instance: (any StageInstance)? = nil
  ) throws -> LocalCall {
    let stage = provider.descriptor
    let instance =
      try instance ?? provider.makeInstance(parameters: [:], call: LocalCall(stage: stage))
    let call = LocalCall(stage: stage, inputs: ["volume": [try sample()]])
    try instance.process(call)
    return call
  }

  @Test func `a Swift source and a Swift stage work through C alone`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    let numbers = try registry.provider(for: "fixture.numbers")
    #expect(numbers.codeDigest.count == 64)
    let source = try numbers.makeInstance(
      parameters: ["count": 2], call: LocalCall(stage: numbers.descriptor))
    let listing = LocalCall(stage: numbers.descriptor)
    try source.enumerate(listing)
    #expect(
      listing.record.cases == [
        SourceCase(name: "n0", isPublic: true, fingerprint: "0"),
        SourceCase(name: "n1", isPublic: true, fingerprint: "1"),
      ])
    #expect(listing.record.skipped == ["EMPTY": 2])
    let reading = LocalCall(stage: numbers.descriptor)
    try source.read(name: "n1", reading)
    let volume = try #require(reading.record.sent.first?.packet)
    #expect(volume.kind == "volume" && volume.metadata == #"{"modality":"CT"}"#)
    #expect(volume.sidecar == #"{"from":"n1"}"#)
    #expect(volume.tensor("voxels")?.shape == [2, 2, 2])

    let brighten = try registry.provider(for: "fixture.brighten")
    let stage = try brighten.makeInstance(
      parameters: ["offset": 10.5], call: LocalCall(stage: brighten.descriptor))
    let call = LocalCall(stage: brighten.descriptor, inputs: ["volume": [volume]])
    try stage.process(call)
    let brighter = try #require(call.record.sent.first?.packet)
    let values = brighter.withBytes(of: "voxels") {
      $0.map { Array($0.bindMemory(to: Float.self)) }
    }
    #expect(values == (0..<8).map { Float($0) + 11.5 })

    let failure = #expect(throws: StageFailure.self) {
      try source.read(name: "x", LocalCall(stage: numbers.descriptor))
    }
    #expect(failure?.code == "NO_NUMBER" && failure?.category == .badInput)
    #expect(failure?.hint == "Use n0.")
  }

  @Test func `a stage that sees all cases walks over them`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    let provider = try registry.provider(for: "fixture.mean-of-all")
    let stage = try provider.makeInstance(
      parameters: [:], call: LocalCall(stage: provider.descriptor))
    let packets = try (0..<200).map { try sample(key: "c\($0)") }
    let call = LocalCall(stage: provider.descriptor, inputs: ["volume": packets])
    let before = Handles.lentPackets
    try stage.process(call)
    #expect(Handles.lentPackets <= before, "every packet is given back")
    let table = try #require(call.record.sent.first?.packet)
    let means = table.withBytes(of: "mean") { $0.map { Array($0.bindMemory(to: Double.self)) } }
    #expect(means == [Double](repeating: 0.5, count: 200))
    #expect(call.record.questions == 200)
  }

  @Test func `a stage that asks is told who is absent, and no other`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    let provider = try registry.provider(for: "fixture.roll-call")
    let stage = try provider.makeInstance(
      parameters: [:], call: LocalCall(stage: provider.descriptor))
    let call = LocalCall(
      stage: provider.descriptor, inputs: ["volume": [try sample(key: "a")]],
      absent: [
        "volume": [
          Absence(
            caseKey: "b", .filtered, stage: "keep", code: "FILTERED", reason: "dark – very",
            score: 0.5, rank: 3),
          Absence(caseKey: "c", .quarantined, stage: "read", code: "TRUNCATED"),
        ]
      ])
    try stage.process(call)
    let table = try #require(call.record.sent.first?.packet)
    func text(_ column: String) -> String {
      table.withBytes(of: column) { $0.map { String(decoding: $0, as: UTF8.self) } ?? "" }
    }
    #expect(text("case") == #"["a","b","c"]"#)
    #expect(
      text("fate")
        == #"["present","filtered at keep: FILTERED, dark – very","quarantined at read: TRUNCATED, "]"#
    )
    let scores = table.withBytes(of: "score") { $0.map { Array($0.bindMemory(to: Double.self)) } }
    #expect(scores == [1, 0.5, -1])
    let ranks = table.withBytes(of: "rank") { $0.map { Array($0.bindMemory(to: Int64.self)) } }
    #expect(ranks == [0, 3, -1])
  }

  @Test(arguments: [
    ("SEALS_TWICE", "NOT_CANCELLED", "hostile.stage"),
    ("UNDESCRIBED", "UNDESCRIBED", "hostile.stage"),
    ("UNKNOWN_STATUS", "BAD_STATUS", "99"), ("DESCRIBES", "BAD_INPUT", "too dark"),
    ("SAYS_TWICE", "BAD_INPUT", "too dark"), ("PASSES_REFUSAL", "NO_SUCH_INPUT", "has 1"),
    ("BAD_METADATA", "PLUGIN_MISTAKE", "no JSON"), ("UNKNOWN_OUTPUT", "UNKNOWN_PORT", "elsewhere"),
    ("HUGE_TENSOR", "OUT_OF_MEMORY", "does not fit"), ("GROWS", "BAD_SHAPE", "cannot become"),
    ("NULL_EVERYWHERE", "INTERNAL", "broken pons_error"),
  ])
  func `what a plugin does wrong becomes an error`(mode: String, code: String, message: String)
    throws
  {
    try HostilePlugin.with(mode) { file in
      let provider = try provider(file)
      let failure = #expect(throws: StageFailure.self) { _ = try call(provider) }
      #expect(mode == "NULL_EVERYWHERE" ? failure?.category == .internal : failure?.code == code)
      #expect(failure?.message.contains(message) == true, "\(String(describing: failure))")
    }
  }

  @Test(arguments: ["HONEST", "FORGED_HANDLES", "THREADED"])
  func `what works, works twice`(mode: String) throws {
    try HostilePlugin.with(mode) { file in
      let provider = try provider(file)
      for _ in 0..<2 { #expect(try call(provider).record.sent.map(\.port) == ["volume"]) }
    }
  }

  @Test func `a packet that was begun and not sealed is thrown away`() throws {
    try HostilePlugin.with("FORGETS_SEAL") { file in
      let record = try call(try provider(file)).record
      #expect(record.sent.isEmpty)
      #expect(record.discarded == 1)
      #expect(record.logs.map(\.code) == ["NOT_SEALED"])
    }
  }

  @Test func `a context is worthless after its call, on any thread`() throws {
    try HostilePlugin.with("STALE_CONTEXT") { file in
      let provider = try provider(file)
      let instance = try provider.makeInstance(
        parameters: [:], call: LocalCall(stage: provider.descriptor))
      let first = try call(provider, instance)
      let second = try call(provider, instance)
      #expect(second.record.sent.count == 1, "the plugin found every late call refused")
      #expect(first.record.logs.isEmpty && first.record.questions == 0)
    }
  }

  @Test func `a retained packet outlives its call, and nothing else does`() throws {
    try HostilePlugin.with("RETAINS") { file in
      let provider = try provider(file)
      let instance = try provider.makeInstance(
        parameters: [:], call: LocalCall(stage: provider.descriptor))
      #expect(try call(provider, instance).record.sent.count == 1)
      #expect(try call(provider, instance).record.sent.count == 1)
    }
  }

  @Test func `a plugin that does not start says why`() throws {
    try HostilePlugin.with("INIT_FAILS") { file in
      let registry = HostilePlugin.registry([file])
      let failure = #expect(throws: StageFailure.self) {
        _ = try registry.provider(for: "hostile.stage")
      }
      #expect(failure?.message == "no licence" && failure?.category == .resource)
      #expect(throws: StageFailure.self) { _ = try registry.provider(for: "nowhere") }
    }
  }

  @Test func `a file that was replaced after the scan is refused`() throws {
    let folder = try HostilePlugin.temporaryFolder()
    defer { HostilePlugin.remove(folder) }
    let file = try HostilePlugin.compile("HONEST", in: folder)
    let registry = HostilePlugin.registry([file])
    _ = try HostilePlugin.compile("HONEST", id: "hostile.other", in: folder)
    let failure = #expect(throws: StageFailure.self) {
      _ = try registry.provider(for: "hostile.stage")
    }
    #expect(failure?.code == "PLUGIN_CHANGED")
  }

  @Test func `garbage parameters are refused by name`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    let provider = try registry.provider(for: "fixture.brighten")
    let failure = #expect(throws: StageFailure.self) {
      _ = try provider.makeInstance(
        parameters: ["offset": "much"], call: LocalCall(stage: provider.descriptor))
    }
    #expect(failure?.category == .badParameter && failure?.parameter == "offset")
  }

  @Test func `an edge through the bridge is cheap`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    let provider = try registry.provider(for: "fixture.relay")
    let stage = try provider.makeInstance(
      parameters: [:], call: LocalCall(stage: provider.descriptor))
    let packet = try sample()
    let calls = (0..<5000).map { _ in
      LocalCall(stage: provider.descriptor, inputs: ["packet": [packet]])
    }
    let duration = try ContinuousClock().measure { for call in calls { try stage.process(call) } }
    print("one process() with an input and a forward: \(duration / 5000)")
    #expect(calls.allSatisfy { $0.record.sent.count == 1 })
    #expect(duration / 5000 < .microseconds(200))
  }
}
