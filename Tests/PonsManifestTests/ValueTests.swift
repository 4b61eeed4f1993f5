import PonsKit
import PonsManifest
import Testing

/// How the texts of a manifest become values.
@Suite struct ValueTests {
  private func value(
    _ name: String, _ text: String, parameters: String = "", assignments: [String] = []
  ) throws -> JSON? {
    try Fixture(
      """
      pons: 1
      name: t
      \(parameters)
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {\(name): \(text)}}
      outputs: {o: f.volume}
      """, assignments: assignments
    ).graph().stages[1].parameters[name]
  }

  @Test(arguments: [
    ("no", "no"), ("1e3", "1e3"), ("38.0", "38.0"), ("0o17", "0o17"), ("on", "on"),
    ("1_000", "1_000"), ("~", "~"), (".inf", ".inf"), ("true", "true"), ("null", "null"),
    ("2026-01-02", "2026-01-02"), ("12:30", "12:30"), ("''", ""), ("\"a\\tb\"", "a\tb"),
    ("'it''s'", "it's"), ("$${x}", "${x}"), ("$$${x}", "$${x}"), ("a$b", "a$b"),
    ("\"$\"", "$"), ("ä\u{e000}\u{e001}", "ä\u{e000}\u{e001}"),
  ])
  func `a text stays as it is written`(_ text: String, _ expected: String) throws {
    #expect(try value("label", text) == .string(expected))
  }

  @Test(arguments: [
    ("1e2", 100), ("38", 38), ("38.0", 38), ("-.5", -0.5), ("+1.", 1), ("0x1F", 31), ("0o17", 15),
    ("017", 17), ("1E-2", 0.01), ("0.1", 0.1),
  ])
  func `a number is read as YAML 1.2 says`(_ text: String, _ expected: Double) throws {
    #expect(try value("minimum", text) == .number(expected))
  }

  @Test(arguments: [
    ("38", 38), ("38.0", 38), ("1e3", 1000), ("0o17", 15), ("0xff", 255), ("-0", 0), ("017", 17),
    ("9223372036854775807", Int64.max), ("9007199254740993", 9_007_199_254_740_993),
  ])
  func `an integer is read without loss`(_ text: String, _ expected: Int64) throws {
    #expect(try value("rounds", text) == .integer(expected))
  }

  @Test(arguments: [("true", true), ("True", true), ("FALSE", false), ("false", false)])
  func `a boolean is true or false`(_ text: String, _ expected: Bool) throws {
    #expect(try value("fast", text) == .bool(expected))
  }

  @Test func `an object is read by the core schema`() throws {
    let text =
      "{a: no, b: 1e3, c: 38.0, d: 38, e: ~, f: 'true', g: true, h: [0o17, on, 1_000], i: }"
    #expect(
      try value("options", text) == [
        "a": "no", "b": 1000.0, "c": 38.0, "d": 38, "e": nil, "f": "true", "g": true,
        "h": [15, "on", "1_000"], "i": nil,
      ])
  }

  @Test func `a list is typed element by element`() throws {
    #expect(try value("sizes", "[1, 2.0, 1e1]") == [1, 2, 10])
    #expect(try value("tables", "[a, /b, ./c]") == ["a", "/b", "./c"])
  }

  @Test func `a reference takes the typed value`() throws {
    let parameters = """
      parameters:
        n: {type: integer, default: 3}
        x: {type: number, default: 2.0}
        s: {type: string, default: no}
        b: {type: boolean, default: true}
        l: {type: list, items: integer, default: [1, 2]}
        o: {type: object, default: {k: [yes, 1]}}
        none: {type: string}
      """
    #expect(try value("minimum", "${n}", parameters: parameters) == 3.0)
    #expect(try value("rounds", "${x}", parameters: parameters) == 2)
    #expect(try value("label", "${s}", parameters: parameters) == "no")
    #expect(try value("label", "${n}", parameters: parameters) == "3")
    #expect(try value("label", "${b}", parameters: parameters) == "true")
    #expect(try value("label", "\"${s}\"", parameters: parameters) == "no")
    #expect(try value("fast", "${b}", parameters: parameters) == true)
    #expect(try value("sizes", "${l}", parameters: parameters) == [1, 2])
    #expect(try value("sizes", "[${n}, 7]", parameters: parameters) == [3, 7])
    #expect(try value("options", "${o}", parameters: parameters) == ["k": ["yes", 1]])
    #expect(
      try value("options", "{a: ${n}, b: ${b}}", parameters: parameters) == ["a": 3, "b": true])
    #expect(
      try value("label", "'${s}, ${n} and ${x}: $${s}'", parameters: parameters)
        == "no, 3 and 2: ${s}")
    #expect(try value("minimum", "${n}.${n}", parameters: parameters) == 3.3)
    #expect(try value("label", "${none}", parameters: parameters) == nil)
    #expect(try value("minimum", "1", parameters: parameters) == 1.0)
  }

  @Test func `the command line gives texts as they are, and other values as YAML`() throws {
    let parameters = """
      parameters:
        s: {type: string, default: a}
        l: {type: list, items: integer, default: [1]}
        n: {type: number, default: 1}
      """
    func set(_ name: String, _ text: String, _ assignment: String) throws -> JSON? {
      try value(name, text, parameters: parameters, assignments: [assignment])
    }
    #expect(try set("label", "${s}", "s=1e3: [x, 'y'] # z = 1") == "1e3: [x, 'y'] # z = 1")
    #expect(try set("label", "${s}", "s=") == "")
    #expect(try set("label", "x", "stages.f.with.label=a=b") == "a=b")
    #expect(try set("sizes", "${l}", "l=[4, 5]") == [4, 5])
    #expect(try set("minimum", "${n}", "n=1e2") == 100.0)
    #expect(try set("minimum", "${n}", "parameters.n=7") == 7.0)
    #expect(try set("fast", "false", "stages.f.with.fast=true") == true)
    #expect(try set("options", "{}", "stages.f.with.options={a: [1, b]}") == ["a": [1, "b"]])
    #expect(try set("minimum", "5", "stages.f.with.minimum=${n}") == 1.0)
  }

  @Test func `a parameter that is not set leaves the default of the stage`() throws {
    #expect(
      try value("minimum", "${x}", parameters: "parameters: {x: {type: number}}") == 0.0)
  }

  @Test func `without values a manifest can be checked all the same`() throws {
    let fixture = Fixture(
      """
      pons: 1
      name: t
      parameters: {input: {type: path, required: true}}
      stages: {read: {use: volume.read, with: {path: "${input}/x"}}}
      outputs: {o: read.volume}
      """)
    #expect(try fixture.errors().count == 1)
    #expect(try fixture.graph(requiringValues: false).stages[0].parameters == ["recursive": false])
  }
}
