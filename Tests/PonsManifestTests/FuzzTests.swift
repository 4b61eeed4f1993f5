import Glibc
import PonsKit
import PonsManifest
import Testing

/// Broken manifests, overlays and assignments: always an answer, never a crash. A longer run by hand:
/// `PONS_FUZZ_ITERATIONS=1000000 make test FILTER=PonsManifestTests.FuzzTests`.
@Suite struct FuzzTests {
  private static var iterations: Int {
    getenv("PONS_FUZZ_ITERATIONS").flatMap { Int(String(cString: $0)) } ?? 1500
  }

  private static let tokens = [
    "{", "}", "[", "]", ",", ": ", "\n", "\n  ", "\n    ", "- ", "? ", "#", "'", "\"", "|\n", ">\n",
    "&a ", "*a", "!!str ", "!", "%YAML 1.2\n", "---\n", "...\n", "${", "}", "${n}", "$${", "~",
    "null",
    "true", "no", ".inf", ".nan", "1e999", "-1", "0x", "9223372036854775808", "\t", "\r\n",
    "\u{feff}",
    "\u{e000}", "\\ue000", "\u{1f600}", "\0", "pons: 1\n", "overlay: x\n", "base: m.yaml\n",
    "set:\n",
    "use: ", "stages:\n", "in: {volume: read.volume}\n", "with:\n",
    "overridable: {minimum: [0, 1]}\n",
    "locked: true\n", "unsupervised: true\n", "parameters.n", "stages.read.with.path",
    "read.volume",
    "s0.volume", "threads: 0\n", "min_cases: 2\n", "ground_truth: true\n", "outputs: {}\n",
  ]

  private func mutated(_ text: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    var bytes = text
    for _ in 0...random.below(4) {
      let place = random.below(bytes.count + 1)
      let length = min(random.below(24), bytes.count - place)
      switch random.below(7) {
      case 0: bytes.replaceSubrange(place..<(place + length), with: [])
      case 1:
        bytes.insert(contentsOf: bytes[place..<(place + length)], at: random.below(bytes.count + 1))
      case 2: bytes.insert(contentsOf: Array(random.one(of: Self.tokens).utf8), at: place)
      case 3 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 4 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
      case 5:
        bytes.replaceSubrange(
          place..<(place + length), with: Array(random.one(of: Self.tokens).utf8))
      default:
        // Lines change places: most of what comes out is still YAML.
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        lines.swapAt(random.below(lines.count), random.below(lines.count))
        bytes = Array(lines.joined(separator: [0x0a]))
      }
    }
    return bytes
  }

  private func check(_ fixture: Fixture, _ files: [String: [UInt8]], _ drawing: Bool) throws -> Bool
  {
    let request = ManifestRequest(
      manifest: fixture.manifest, overlays: fixture.overlays, assignments: fixture.assignments
    ) { path in
      guard let bytes = files[path] else { throw Fixture.NotFound() }
      return bytes
    }
    do throws(ManifestErrors) {
      let effective = try EffectiveManifest(request)
      _ = effective.warnings
      let graph = try effective.graph(stages: Fixture.stages)
      #expect(!graph.stages.isEmpty && !graph.outputs.isEmpty)
      for (index, stage) in graph.stages.enumerated() {
        #expect(stage.inputs.allSatisfy { $0.stage < index })
      }
      let text = effective.rendered(origins: true, stages: Fixture.stages)
      var again = Fixture("", files: ["r": text])
      again.manifest = "r"
      #expect(
        (try? again.errors()) == [],
        "\(text)\n\(String(decoding: files[fixture.manifest] ?? [], as: UTF8.self))")
      if drawing { _ = (graph.svg, graph.dot, graph.text, graph.overview) }
      return true
    } catch {
      #expect(!error.diagnostics.isEmpty)
      for diagnostic in error.diagnostics {
        #expect(!diagnostic.message.isEmpty && !diagnostic.location.file.isEmpty)
        #expect(!diagnostic.hint.contains("error of Pons"))
        let isPlaced = diagnostic.location.line > 0 && diagnostic.location.column > 0
        #expect(isPlaced || diagnostic.location.line == 0)
      }
      return false
    }
  }

  @Test func `changed manifests and overlays`() throws {
    var graphs = 0
    for iteration in 0..<Self.iterations {
      var random = RandomSource(seed: UInt64(iteration) &* 7919)
      var generator = RandomManifest(seed: UInt64(iteration % 500))
      var fixture = generator.fixture()
      var files = fixture.files.mapValues { Array($0.utf8) }
      let names = files.keys.sorted()
      let victim = random.below(4) == 0 ? random.one(of: names) : fixture.manifest
      files[victim] = mutated(files[victim] ?? [], &random)
      if random.below(4) == 0 {
        let token = random.one(of: Self.tokens)
        fixture.assignments.append(
          random.below(2) == 0 ? "s=\(token)" : "stages.read.with.path\(token)=x")
        fixture.assignments.append("stages.s0.with.options=\(random.one(of: Self.tokens))")
      }
      if try check(fixture, files, iteration.isMultiple(of: 16)) { graphs += 1 }
    }
    // When hardly anything is still valid, the changes are too coarse to reach the later checks.
    #expect(graphs > Self.iterations / 50)
    if getenv("PONS_FUZZ_ITERATIONS") != nil { print("graphs: \(graphs) of \(Self.iterations)") }
  }

  @Test func `random bytes and random tokens`() throws {
    for iteration in 0..<Self.iterations {
      var random = RandomSource(seed: UInt64(iteration) &+ 1_000_003)
      var bytes: [UInt8] = []
      let count = random.below(200)
      for _ in 0..<count {
        if iteration.isMultiple(of: 3) {
          bytes.append(UInt8(truncatingIfNeeded: random.next()))
        } else {
          bytes += Array(random.one(of: Self.tokens).utf8)
        }
      }
      _ = try check(Fixture("x"), ["m.yaml": bytes], false)
    }
  }
}
