import CPons
import PonsKit
import Testing

/// Calls a plugin through nothing but the C table that it exports.
@Suite(.serialized) struct PluginTests {
  let host = FakeHost()
  let plugin: UnsafePointer<pons_plugin>

  init() throws {
    FakeHost.current = host
    plugin = try #require(example.entry).assumingMemoryBound(to: pons_plugin.self)
    try #require(plugin.pointee.`init`(FakeHost.table) == PONS_OK)
  }

  private func stage(_ index: Int) throws -> UnsafePointer<pons_stage> {
    try #require(plugin.pointee.stages[index])
  }

  private func make(_ index: Int, _ parameters: String) throws -> (
    Int32, UnsafeMutableRawPointer?
  ) {
    var instance: UnsafeMutableRawPointer?
    let stage = try stage(index)
    let status = stage.pointee.create(stage, 1, FakeHost.constant(parameters), &instance)
    return (status, instance)
  }

  @Test func `descriptors say what the author wrote`() throws {
    #expect(FakeHost.string(plugin.pointee.name) == "example")
    #expect(plugin.pointee.stage_count == 2)
    let filter = try stage(0).pointee
    #expect(FakeHost.string(filter.id) == "test.threshold")
    #expect(filter.port_count == 3)
    #expect(filter.process != nil && filter.enumerate == nil && filter.read == nil)
    #expect(filter.concurrency == PONS_PARALLEL)
    let hint = try #require(filter.ports[1]).pointee
    #expect(FakeHost.string(hint.kind) == "mask")
    #expect(hint.flags == UInt64(PONS_PORT_OPTIONAL))
    let source = try stage(1).pointee
    #expect(source.process == nil && source.enumerate != nil && source.read != nil)
    let schema = try ParameterSchema(
      reading: JSON(parsing: FakeHost.string(filter.parameters)))
    #expect(
      schema.parameters
        == ThresholdFilter.Parameters.schema.sorted { $0.name < $1.name })
  }

  @Test func `a case goes on, or is dropped with its score`() throws {
    let (status, instance) = try make(0, #"{"minimum": 2}"#)
    #expect(status == PONS_OK)
    let process = try #require(try stage(0).pointee.process)
    #expect(process(instance, 1) == PONS_OK)
    #expect(host.forwarded.map(\.port) == ["kept"])
    #expect(host.forwarded.map(\.packet) == [41])
    host.voxels = [0, 1]
    #expect(process(instance, 1) == PONS_OK)
    #expect(host.verdicts.map(\.0) == [PONS_DROP])
    #expect(host.verdicts.map(\.1) == [0.5])
    #expect(host.released == 2, "each packet is released once")
    try stage(0).pointee.destroy(instance)
  }

  @Test(arguments: [
    (#"{"minimum": "x"}"#, "minimum"), (#"{"minimum": 2000}"#, "minimum"),
    (#"{"statistic": "median"}"#, "statistic"), (#"{"levels": [1, -1]}"#, "levels"),
    (#"{"levels": [99999999999999999999]}"#, "levels"), (#"{"other": 1}"#, "other"),
    ("[]", ""), ("{", ""), (#"{"levels": [13]}"#, "levels"),
  ])
  func `parameters that do not fit are refused by name`(text: String, name: String) throws {
    let (status, instance) = try make(0, text)
    #expect(status == PONS_BAD_PARAMETER)
    #expect(instance == nil)
    #expect(host.failures.map(\.parameter) == [name])
  }

  @Test func `an empty volume does not trap`() throws {
    let (_, instance) = try make(0, "{}")
    host.voxels = []
    let process = try #require(try stage(0).pointee.process)
    #expect(process(instance, 1) == PONS_OK)
    try stage(0).pointee.destroy(instance)
  }

  @Test func `progress ends a cancelled call`() throws {
    let (_, instance) = try make(0, "{}")
    host.wantsEnd = true
    let process = try #require(try stage(0).pointee.process)
    #expect(process(instance, 1) == PONS_CANCELLED)
    #expect(host.forwarded.isEmpty)
    try stage(0).pointee.destroy(instance)
  }

  @Test func `a source announces and reads`() throws {
    let (_, instance) = try make(1, "")
    let source = try stage(1).pointee
    #expect(source.enumerate(instance, 1) == PONS_OK)
    #expect(host.cases.map(\.0) == ["a"])
    #expect(host.cases.map(\.1) == [UInt64(PONS_CASE_PUBLIC_NAME)])
    #expect(host.cases.map(\.2) == [["/x/y", "/x/z"]])
    #expect(source.read(instance, 1, FakeHost.constant("a")) == PONS_OK)
    let sealed = try #require(host.sealed.first)
    #expect(sealed.port == "volume" && sealed.caseKey.isEmpty)
    #expect(sealed.metadata == ["modality": "MR", "rescaled": true])
    #expect(sealed.shapes == [[1, 2, 2]])
    #expect(sealed.bytes.prefix(6) == [0, 0, 1, 0, 2, 0])
    source.destroy(instance)
  }

  @Test(arguments: ["odd", "late"])
  func `other errors become INTERNAL, and nothing half-filled is sent`(name: String) throws {
    let (_, instance) = try make(1, "{}")
    let source = try stage(1).pointee
    #expect(source.read(instance, 1, FakeHost.constant(name)) == PONS_INTERNAL)
    #expect(
      host.failures == [
        .init(status: PONS_INTERNAL, code: "INTERNAL", message: "odd", parameter: "")
      ])
    #expect(host.sealed.isEmpty)
    #expect(host.discarded == (name == "late" ? 1 : 0))
    source.destroy(instance)
  }

  @Test func `mistakes of the author are told when the plugin starts`() throws {
    let broken = try #require(broken.entry).assumingMemoryBound(to: pons_plugin.self)
    #expect(broken.pointee.`init`(FakeHost.table) == PONS_INTERNAL)
    #expect(host.failures.first?.message == "two stages have the id 'test.synthetic'")
    #expect(example.entry != nil)
  }
}
