internal import Glibc
package import PonsEngine
package import PonsHost
package import PonsKit

/// A plugin as it was built, called through its C interface and nothing else of the engine.
package struct PluginUnderTest: Sendable {
  private let registry: PluginRegistry

  /// - Parameter name: `dicom` for libpons-dicom.so, which lies beside the test program.
  package init(_ name: String) throws {
    let products = Self.products
    registry = PluginRegistry(
      searchPath: PluginSearchPath(only: ["\(products)/libpons-\(name).so"]),
      scanner: PluginScanner(worker: "\(products)/pons-worker", cacheFolder: nil))
    if let problem = registry.problems.first {
      throw StageFailure(.internal, "the plugin cannot be used: \(problem)")
    }
  }

  /// The folder of the build.
  private static var products: String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    var program = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    // Swift Testing runs tests in a helper of the toolchain, which gets the test bundle as an argument.
    if access(parent(program) + "/pons-worker", X_OK) != 0 {
      program = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? program
    }
    return parent(program)
  }

  private static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  /// An instance of a stage; parameters that are not named have their defaults.
  package func stage(_ id: String, _ parameters: [String: JSON] = [:]) throws -> StageUnderTest {
    let provider = try registry.provider(for: id)
    let filled = try ParameterSchema(provider.descriptor.parameters).filled(.object(parameters))
    let instance = try provider.makeInstance(
      parameters: .object(filled), call: LocalCall(stage: provider.descriptor))
    return StageUnderTest(descriptor: provider.descriptor, instance: instance)
  }
}

/// A stage that a test calls.
package struct StageUnderTest: Sendable {
  package let descriptor: StageDescriptor
  let instance: any StageInstance

  /// Calls it with one packet at each port. The call keeps its scratch folder as long as it is held.
  package func process(_ inputs: [String: Packet], seed: UInt64 = 1) throws -> LocalCall {
    let call = LocalCall(stage: descriptor, inputs: inputs.mapValues { [$0] }, seed: seed)
    try instance.process(call)
    return call
  }

  /// Calls it with the packets of all cases at each port, which are sorted by case key, and with the cases that are
  /// absent at ports that ask for them.
  ///
  /// - Parameters:
  ///   - checkpoints: a folder that outlives the call.
  ///   - endsAtQuestion: the call is told to end when it asks for the so many-th time.
  package func process(
    all inputs: [String: [Packet]], absent: [String: [Absence]] = [:], seed: UInt64 = 1,
    checkpoints: String? = nil, endsAtQuestion: Int? = nil
  ) throws -> LocalCall {
    let call = LocalCall(
      stage: descriptor, inputs: inputs, absent: absent, seed: seed,
      endsAtQuestion: endsAtQuestion, checkpoints: checkpoints)
    try instance.process(call)
    return call
  }

  /// Lists the cases of a source.
  package func cases() throws -> [SourceCase] {
    let call = LocalCall(stage: descriptor)
    try instance.enumerate(call)
    return call.record.cases
  }

  /// Reads one case of a source.
  package func read(_ name: String) throws -> Packet {
    let call = LocalCall(stage: descriptor)
    try instance.read(name: name, call)
    guard let packet = call.record.sent.first?.packet else {
      throw StageFailure(.internal, "the source sent nothing")
    }
    return packet
  }
}

extension Packet {
  /// A packet with the bytes of its tensors.
  package static func of(
    _ kind: String, case caseKey: String = "case",
    _ tensors: [(TensorRequest, [UInt8])] = [], metadata: JSON = [:], sidecar: JSON = [:]
  ) throws -> Packet {
    let maker = StageDescriptor(
      id: "test.maker", version: "1", summary: "",
      outputs: [PortDescriptor(name: "out", kind: kind, flow: .output(.perCase))])
    // Stages must cope with packets that no stage should have made.
    let call = LocalCall(stage: maker, checksPackets: false)
    let builder = try call.begin("out", caseKey: caseKey, tensors.map(\.0))
    for (request, bytes) in tensors { builder.memory(request.name)?.copyBytes(from: bytes) }
    try call.seal(builder, metadata: metadata, sidecar: sidecar, shapes: [:])
    guard let packet = call.record.sent.first?.packet else {
      throw StageFailure(.internal, "no packet was made")
    }
    return packet
  }

  /// A volume with an affine.
  package static func volume(
    case caseKey: String = "case", _ bytes: [UInt8], _ type: ElementType, _ shape: [Int],
    affine: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    metadata: JSON = ["modality": "MR"], sidecar: JSON = [:]
  ) throws -> Packet {
    let affine = affine.withUnsafeBytes { Array($0) }
    return try of(
      "volume", case: caseKey,
      [
        (TensorRequest("voxels", type, shape), bytes),
        (TensorRequest("affine", .float64, [4, 4]), affine),
      ], metadata: metadata, sidecar: sidecar)
  }

  /// The elements of a tensor; none when there is no such tensor.
  package func values<Element: TensorElement>(of name: String, _: Element.Type = Element.self)
    -> [Element]
  {
    if tensor(name)?.type != Element.elementType { return [] }
    return withBytes(of: name) { $0.map { Array($0.bindMemory(to: Element.self)) } ?? [] }
  }

  /// The metadata, parsed.
  package var facts: JSON { get throws { try JSON(parsing: metadata) } }

  /// A mask with an affine.
  package static func mask(
    case caseKey: String = "case", _ bytes: [UInt8], _ shape: [Int],
    affine: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    metadata: JSON = ["labels": ["lesion"]]
  ) throws -> Packet {
    let affine = affine.withUnsafeBytes { Array($0) }
    return try of(
      "mask", case: caseKey,
      [
        (TensorRequest("voxels", .uint8, shape), bytes),
        (TensorRequest("affine", .float64, [4, 4]), affine),
      ], metadata: metadata)
  }

  /// A copy of the bytes of a tensor.
  package func copy(of name: String) -> [UInt8] { withBytes(of: name) { $0.map(Array.init) ?? [] } }
}
