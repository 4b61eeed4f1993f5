import PonsKit
import PonsManifest

/// Makes valid manifests with overlays and assignments, all different, in block and flow style.
struct RandomManifest {
  var random: RandomSource
  private var body = ""
  private var volumes: [String] = []
  private var masks: [String] = []

  init(seed: UInt64) { random = RandomSource(seed: seed) }

  /// Texts that are hard to write: each must survive printing and reading.
  private static let texts = [
    "a", "no", "1e3", "38.0", "~", "null", "true", "", " ", "a: b", "a #b", "#", "- x", "{a}", "[1",
    "'", "\"", "\\", "a\nb", "a\n\n  b\n", "\t", "ä\u{1f600}", "\u{e000}", "\u{85}", "\u{2028}",
    "$",
    "$${x}", "x$${y}z", "%", "@", "`", "&a", "*a", "!t", "|", ">", "?", ": ", ",", "---", "...",
    "-",
    "0x1F", ".inf", "=", "<<", "yes",
  ]

  private mutating func quoted(_ text: String) -> String {
    if random.below(2) == 0, !text.contains(where: { $0.isNewline || $0 == "\t" }) {
      return "'" + text.replacing("'", with: "''") + "'"
    }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\u{85}": result += "\\N"
      case "\u{2028}": result += "\\L"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return "\"\(result)\""
  }

  private mutating func object(_ depth: Int) -> String {
    switch random.below(depth > 3 ? 4 : 6) {
    case 0: return random.one(of: ["1", "1.5", "-2e3", "true", "~", "no", "0o7", "text", "a/b"])
    case 1, 2: return quoted(random.one(of: Self.texts))
    case 3: return random.one(of: ["${n}", "${s}", "${b}", "'x ${n}'"])
    case 4:
      return "[" + (0..<random.below(4)).map { _ in object(depth + 1) }.joined(separator: ", ")
        + "]"
    default:
      return "{"
        + (0..<random.below(4)).map { index in
          "\(random.one(of: ["k", "'a b'", "\"no\"", "x-y"]))\(index): \(object(depth + 1))"
        }.joined(separator: ", ").replacing("'a b'", with: "ab").replacing("\"no\"", with: "no")
        + "}"
    }
  }

  private mutating func settings() -> [(String, String)] {
    let all: [(String, String)] = [
      ("minimum", random.one(of: ["5", "1e2", "-3.25", "${n}", "${x}", "0x10"])),
      ("label", random.below(3) == 0 ? "${s}" : quoted(random.one(of: Self.texts))),
      ("label", random.one(of: ["no", "1e3", "a${s}b", "~", "$${n}"])),
      ("method", random.one(of: ["mean", "'median'", "maximum"])),
      ("sizes", random.one(of: ["[1, 2]", "[]", "[${n}]", "${l}", "[3.0]"])),
      ("options", object(0)),
      (
        "table",
        random.one(of: ["t.csv", "./t.csv", "/abs", "'a b'", "${p}", "${p}/x", "${s}/x", "${s}"])
      ),
      ("tables", random.one(of: ["[a, /b]", "[${p}/c, d]", "['${s}/e']"])),
      ("rounds", random.one(of: ["1", "38.0", "${n}"])),
      ("fast", random.one(of: ["true", "FALSE", "${b}"])),
    ]
    var chosen: [(String, String)] = []
    for (name, value) in all where random.below(3) == 0 && !chosen.contains(where: { $0.0 == name })
    {
      chosen.append((name, value))
    }
    return chosen.shuffled(using: &random)
  }

  private mutating func with(_ settings: [(String, String)]) -> String {
    if settings.isEmpty { return random.below(2) == 0 ? "" : "    with: {}\n" }
    if random.below(2) == 0 {
      return "    with: {\(settings.map { "\($0.0): \($0.1)" }.joined(separator: ", "))}\n"
    }
    return "    with:\n" + settings.map { "      \($0.0): \($0.1)\n" }.joined()
  }

  private mutating func stage(
    _ name: String, _ use: String, _ inputs: [(String, String)], _ more: String = ""
  ) {
    body += "  \(name):\n    use: \(use)\n"
    if !inputs.isEmpty {
      body += "    in: {\(inputs.map { "\($0.0): \($0.1)" }.joined(separator: ", "))}\n"
    }
    body += more
    if random.below(5) == 0 { body += "    threads: \(1 + random.below(8))\n" }
    if random.below(5) == 0 { body += "    retries: ${n}\n" }
  }

  /// A fixture whose graph exists.
  mutating func fixture() -> Fixture {
    stage(
      "read", "volume.read", [], "    with: {path: \(random.one(of: ["data", "${p}", "/x"]))}\n")
    volumes = ["read.volume"]
    if random.below(2) == 0 {
      stage("brain", "phantom.brain", [], random.below(3) == 0 ? "    ground_truth: true\n" : "")
      volumes.append("brain.volume")
      masks.append("brain.truth")
    }
    for index in 0..<random.below(8) { add(index) }
    var fixture = Fixture("", files: ["dir/m.yaml": head() + "stages:\n" + body + outputs()])
    fixture.manifest = random.below(2) == 0 ? "dir/m.yaml" : "m.yaml"
    fixture.files["m.yaml"] = fixture.files["dir/m.yaml"]
    if random.below(2) == 0 {
      fixture.files["sites/o.yaml"] = """
        pons: 1
        overlay: site
        add:
          parameters: {added: {type: string, default: \(quoted(random.one(of: Self.texts.filter { !$0.contains("$") })))}}
          stages: {more: {use: volume.filter, in: {volume: read.volume}, with: {label: "${added}"}}}
          outputs: {more: more.volume}
        set:
          - {path: parameters.s, to: \(quoted(random.one(of: Self.texts.filter { !$0.contains("$") }))), reason: 'a: b'}
          - {path: stages.read.with.path, to: \(random.one(of: ["../d", "${p}", "/y"]))}
        """
      fixture.overlays = ["sites/o.yaml"]
    }
    if random.below(2) == 0 { fixture.assignments = ["n=\(1 + random.below(5))"] }
    if random.below(2) == 0 { fixture.assignments.append("p=here/\(random.below(9))") }
    return fixture
  }

  private mutating func head() -> String {
    """
    pons: 1
    name: random
    description: \(quoted(random.one(of: Self.texts.filter { !$0.isEmpty })))
    parameters:
      n: {type: integer, default: 2, minimum: 1}
      x: {type: number, default: 1e1}
      s: {type: string, default: \(quoted(random.one(of: Self.texts.filter { !$0.isEmpty && !$0.contains("$") })))}
      b: {type: boolean, default: true}
      l: {type: list, items: integer, default: [1, 2]}
      p: {type: path, default: some/where}

    """
  }

  private mutating func add(_ index: Int) {
    let name = "s\(index)"
    switch random.below(5) {
    case 0, 1:
      let more = with(settings())
      stage(name, "volume.filter", [("volume", random.one(of: volumes))], more)
      volumes.append("\(name).volume")
    case 2:
      stage(name, "mask.make", [("volume", random.one(of: volumes))])
      masks.append("\(name).mask")
    case 3 where !masks.isEmpty:
      stage(name, "mask.join", [("a", random.one(of: masks)), ("b", random.one(of: masks))])
      masks.append("\(name).mask")
    case 4 where !masks.isEmpty:
      let more = random.below(2) == 0 ? "    min_cases: 3\n    max_quarantined: 2\n" : ""
      stage(
        name, "model.train",
        [("volume", random.one(of: volumes)), ("mask", random.one(of: masks))], more)
      stage(
        "p\(index)", "model.predict",
        [("volume", random.one(of: volumes)), ("model", "\(name).model")])
      masks.append("p\(index).mask")
    default: break
    }
  }

  private mutating func outputs() -> String {
    let all = (volumes + masks).shuffled(using: &random)
    let chosen = all.prefix(1 + random.below(all.count)).enumerated()
    return "outputs:\n" + chosen.map { "  out\($0.offset): \($0.element)\n" }.joined()
  }
}
