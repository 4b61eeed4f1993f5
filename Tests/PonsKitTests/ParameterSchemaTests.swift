import PonsKit
import Testing

struct ParameterSchemaTests {
  private let schema = ParameterSchema([
    ParameterDescriptor("path", .path, "where", isRequired: true),
    ParameterDescriptor(
      "sigma", .number, "width", defaultValue: 1.5, minimum: 0, maximum: 10, unit: "mm"),
    ParameterDescriptor("rounds", .integer, defaultValue: 3, minimum: 1),
    ParameterDescriptor("mode", .string, defaultValue: "fast", allowed: ["fast", "exact"]),
    ParameterDescriptor("verbose", .boolean, defaultValue: false, affectsResult: false),
    ParameterDescriptor("sizes", .array(.array(.number)), defaultValue: [[1.0], [2.0, 3.0]]),
    ParameterDescriptor("extra", .object),
  ])

  @Test func `what is written is read back`() throws {
    let back = try ParameterSchema(reading: JSON(parsing: schema.json.canonical))
    #expect(back.parameters == schema.parameters.sorted { $0.name < $1.name })
    #expect(schema.parameters.first?.affectsResult == false, "a path is never part of a key")
  }

  @Test func `defaults are filled in, and numbers get the type of the schema`() throws {
    let filled = try schema.filled(["path": "x", "sigma": 2, "rounds": 4.0, "extra": nil])
    #expect(
      filled == [
        "path": "x", "sigma": 2.0, "rounds": 4, "mode": "fast", "verbose": false,
        "sizes": [[1.0], [2.0, 3.0]],
      ])
  }

  static let misfits: [(JSON, String)] = [
    (["sigma": 1], "path"), (["path": 1], "path"), (["path": "x", "sigma": -0.1], "sigma"),
    (["path": "x", "sigma": 10.5], "sigma"), (["path": "x", "rounds": 1.5], "rounds"),
    (["path": "x", "rounds": 0], "rounds"), (["path": "x", "mode": "slow"], "mode"),
    (["path": "x", "verbose": 1], "verbose"), (["path": "x", "sizes": [1]], "sizes"),
    (["path": "x", "extra": []], "extra"), (["path": "x", "colour": 1], "colour"),
  ]

  @Test(arguments: misfits)
  func `a value that does not fit names its parameter`(json: JSON, name: String) {
    let failure = #expect(throws: StageFailure.self) { try schema.filled(json) }
    #expect(failure?.category == .badParameter)
    #expect(failure?.parameter == name)
  }

  @Test(arguments: [
    "[]", #"{"type":"array"}"#, #"{"type":"object","property":{}}"#,
    #"{"type":"object","properties":{"a":{"type":"number","maximun":3}}}"#,
    #"{"type":"object","properties":{"a":{"type":"array"}}}"#,
    #"{"type":"object","properties":{"A b":{"type":"number"}}}"#,
    #"{"type":"object","properties":{"a":{"type":"number","enum":[]}}}"#,
    #"{"type":"object","properties":{"a":{"type":"number","minimum":3,"maximum":2}}}"#,
    #"{"type":"object","properties":{"a":{"type":"string","format":"date"}}}"#,
    #"{"type":"object","properties":{},"required":["a"]}"#,
    #"{"type":"object","properties":{"a":{"type":"number","default":1}},"required":["a"]}"#,
  ])
  func `a schema with a mistake is refused`(text: String) throws {
    let json = try JSON(parsing: text)
    #expect(throws: StageFailure.self) { try ParameterSchema(reading: json) }
  }

  struct Values: StageParameters {
    enum Mode: String, Decodable, Sendable { case fast, exact }
    struct Window: Decodable, Sendable { var low: Float, high: Float? }
    var mode: Mode
    var window: Window?
    var counts: [UInt8]
    var table: [String: Double]
    var free: JSON?

    static let schema = [
      ParameterDescriptor("mode", .string, defaultValue: "fast"),
      ParameterDescriptor("window", .object),
      ParameterDescriptor("counts", .array(.integer), defaultValue: []),
      ParameterDescriptor("table", .object, defaultValue: [:]),
      ParameterDescriptor("free", .object),
    ]
  }

  @Test func `nested values decode`() throws {
    let values = try Values(json: [
      "mode": "exact", "window": ["low": 1], "counts": [0, 255], "table": ["a": 1, "b": 2.5],
      "free": ["x": [nil, true]],
    ])
    #expect(values.mode == .exact && values.window?.low == 1 && values.window?.high == nil)
    #expect(values.counts == [0, 255] && values.table == ["a": 1, "b": 2.5])
    #expect(values.free == ["x": [nil, true]])
    #expect(try Values(json: [:]).window == nil)
  }

  static let mismatches: [(JSON, String)] = [
    (["mode": "slow"], "mode"), (["counts": [256]], "counts"), (["counts": [-1]], "counts"),
    (["window": ["high": 1]], "window"), (["table": ["a": "b"]], "table"),
  ]

  @Test(arguments: mismatches)
  func `what the schema lets through and the type does not is named as well`(
    json: JSON, name: String
  ) {
    let failure = #expect(throws: StageFailure.self) { try Values(json: json) }
    #expect(failure?.category == .badParameter && failure?.parameter == name)
  }
}
