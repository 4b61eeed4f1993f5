import Glibc
import PonsEngine
import PonsKit
import PonsManifest
import Synchronization

/// A stage made of closures, so that a test shows what it does where it is used.
final class TestStage: StageProvider, StageInstance {
  let descriptor: StageDescriptor
  let codeDigest: String
  private let body: @Sendable (any StageCall) throws -> Void
  private let enumeration: @Sendable (any StageCall) throws -> Void
  private let reading: @Sendable (String, any StageCall) throws -> Void
  private let making: @Sendable () throws -> Void
  /// How often it was called, and the most calls at the same time.
  let calls = Mutex<(total: Int, now: Int, most: Int)>((0, 0, 0))

  init(
    _ descriptor: StageDescriptor, code: String = "code",
    process: @escaping @Sendable (any StageCall) throws -> Void = { _ in },
    making: @escaping @Sendable () throws -> Void = {},
    enumerate: @escaping @Sendable (any StageCall) throws -> Void = { _ in },
    read: @escaping @Sendable (String, any StageCall) throws -> Void = { _, _ in }
  ) {
    self.descriptor = descriptor
    codeDigest = code
    self.making = making
    enumeration = enumerate
    reading = read
    body = process
  }

  var callCount: Int { calls.withLock { $0.total } }

  func makeInstance(parameters: JSON, call: any StageCall) throws -> any StageInstance {
    try making()
    return self
  }

  private func counted(_ work: () throws -> Void) rethrows {
    calls.withLock {
      $0.total += 1
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
    defer { calls.withLock { $0.now -= 1 } }
    try work()
  }

  func process(_ call: any StageCall) throws { try counted { try body(call) } }
  func enumerate(_ call: any StageCall) throws { try enumeration(call) }
  func read(name: String, _ call: any StageCall) throws { try counted { try reading(name, call) } }
}

extension PortDescriptor {
  static func input(
    _ name: String, _ kind: String = "org.test", _ cardinality: InputCardinality = .each,
    optional: Bool = false, unjoined: Bool = false, types: [ElementType] = [], grid: String? = nil
  ) -> PortDescriptor {
    PortDescriptor(
      name: name, kind: kind, flow: .input(cardinality), isOptional: optional,
      isUnjoined: unjoined, elementTypes: types, sameGrid: grid)
  }

  static func output(
    _ name: String, _ kind: String = "org.test", _ cardinality: OutputCardinality = .perCase,
    optional: Bool = false
  ) -> PortDescriptor {
    PortDescriptor(name: name, kind: kind, flow: .output(cardinality), isOptional: optional)
  }
}

extension StageDescriptor {
  static func test(
    _ id: String, in inputs: [PortDescriptor] = [], out outputs: [PortDescriptor] = [],
    concurrency: StageConcurrency = .parallel, deterministic: Bool = true, transient: Bool = false,
    anyThreads: Bool = false, source: Bool = false, parameters: [ParameterDescriptor] = []
  ) -> StageDescriptor {
    StageDescriptor(
      id: id, version: "1", summary: "", inputs: inputs, outputs: outputs, parameters: parameters,
      concurrency: concurrency, isDeterministic: deterministic, isTransient: transient,
      takesAnyThreads: anyThreads, isSource: source)
  }
}

extension StageCall {
  /// Sends a packet with one tensor `value` of one int64.
  func send(_ value: Int, to port: String = "out", caseKey: String? = nil) throws {
    let builder = try begin(port, caseKey: caseKey, [TensorRequest("value", .int64, [1])])
    builder.memory("value")?.storeBytes(of: Int64(value), as: Int64.self)
    try seal(builder, metadata: [:], sidecar: [:], shapes: [:])
  }

  /// Reads what ``send(_:to:caseKey:)`` sent.
  func value(_ port: String = "in", _ index: Int = 0) throws -> Int {
    try input(port, index).value
  }
}

extension Packet {
  var value: Int {
    withBytes(of: "value") { Int($0?.loadUnaligned(as: Int64.self) ?? -1) }
  }
}

/// A source of cases named `a`, `b`, ... with the values 1, 2, ...
func source(
  _ names: [String], transient: Bool = true, fingerprint: String = "",
  read: (@Sendable (String, any StageCall) throws -> Void)? = nil
) -> TestStage {
  TestStage(
    .test("test.source", out: [.output("out")], transient: transient, source: true),
    enumerate: { call in
      for name in names {
        try call.addCase(SourceCase(name: name, isPublic: true, fingerprint: fingerprint))
      }
    },
    read: read ?? { name, call in try call.send((names.firstIndex(of: name) ?? -1) + 1) })
}
