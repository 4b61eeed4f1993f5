import PonsKit
import PonsManifest
import Testing

/// Files that are no manifests at all, or are meant to harm: refused in plain words, quickly.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
  private func errors(_ bytes: [UInt8]) -> [String] {
    let request = ManifestRequest(manifest: "m.yaml") { _ in bytes }
    do throws(ManifestErrors) {
      _ = try EffectiveManifest(request).graph(stages: Fixture.stages)
      return []
    } catch {
      return error.diagnostics.map { "\($0.location): \($0.message)" }
    }
  }

  private func errors(_ text: String) -> [String] { errors(Array(text.utf8)) }

  @Test func `a file of 100 MB is refused without being parsed`() {
    let found = errors([UInt8](repeating: UInt8(ascii: "a"), count: 100_000_000))
    #expect(
      found == [
        "m.yaml: the file has 100000000 bytes; a manifest may have at most 4194304 (4 MiB)"
      ])
  }

  @Test(arguments: ["[", "{a: ", "- "]) func `10,000 levels are refused`(_ opening: String) {
    let text = "x: " + (opening == "- " ? "\n " : "") + String(repeating: opening, count: 10_000)
    let found = errors(text)
    #expect(found.count == 1)
    #expect(found.first?.contains("nested deeper than 64 levels") == true, "\(found)")
  }

  @Test func `64 levels of lists can be read, 65 not`() {
    func text(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(errors("pons: \(text(63))").contains { $0.contains("found a list") })
    #expect(
      errors("pons: \(text(64))") == [
        "m.yaml:1:70: lists and mappings are nested deeper than 64 levels"
      ])
  }

  @Test func `a bomb of aliases is refused at its first anchor`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<30 {
      let alias = "*a\(level - 1)"
      text +=
        "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
    }
    #expect(errors(text) == ["m.yaml:1:5: an anchor (&name) is not allowed in a manifest"])
    #expect(errors("a: *b\n") == ["m.yaml:1:4: an alias (*name) is not allowed in a manifest"])
  }

  @Test func `more than 100,000 values are refused`() {
    let text = "a: [" + String(repeating: "1,", count: 100_000) + "1]"
    #expect(errors(text) == ["m.yaml:1:200001: the file has more than 100000 values"])
  }

  @Test func `more than 2,000 stages are refused`() {
    var text = "pons: 1\nname: many\nstages:\n"
    for index in 0...2000 { text += "  s\(index): {use: x}\n" }
    text += "outputs: {o: s0.volume}\n"
    #expect(errors(text) == ["m.yaml:3:1: the manifest has 2001 stages; at most 2000 are allowed"])
  }

  @Test func `2,000 stages in a chain are sorted and followed`() throws {
    var lines: [String] = []
    for index in (0..<1999).reversed() {
      let producer = index == 0 ? "read" : "s\(index - 1)"
      lines.append("  s\(index): {use: volume.filter, in: {volume: \(producer).volume}}")
    }
    let graph = try Fixture(
      "pons: 1\nname: chain\nstages:\n" + lines.joined(separator: "\n")
        + "\n  read: {use: volume.read, with: {path: p}}\noutputs: {o: s1998.volume}\n"
    ).graph()
    #expect(graph.stages.map(\.name) == ["read"] + (0..<1999).map { "s\($0)" })
    #expect(graph.text.utf8.count > 0)
  }

  @Test func `text that is not UTF-8 is refused with its place`() {
    #expect(
      errors(Array("pons: 1\nnäme: ".utf8) + [0xff, 0x0a])
        == ["m.yaml:2:7: the text is not valid UTF-8"])
    let utf16 = "pons: 1\n".utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    #expect(errors([0xff, 0xfe] + utf16) == ["m.yaml:1:1: the text is not valid UTF-8"])
    #expect(errors(utf16) == ["m.yaml:1:2: the character U+0 is not allowed in a text"])
  }

  @Test func `control characters are refused with their place`() {
    #expect(
      errors("pons: 1\nname: a\u{1}b\n") == [
        "m.yaml:2:8: the character U+1 is not allowed in a text"
      ])
  }

  @Test func `a byte order mark and CR LF are accepted`() throws {
    let text = GraphDrawingTests.fixture.files["m.yaml"] ?? ""
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let request = ManifestRequest(manifest: "m.yaml") { _ in
      [0xef, 0xbb, 0xbf] + Array(lines.joined(separator: "\r\n").utf8)
    }
    let graph = try EffectiveManifest(request).graph(stages: Fixture.stages)
    #expect(try graph == GraphDrawingTests.fixture.graph())
  }

  @Test func `thousands of errors are reported in reasonable time`() {
    var text = "pons: 1\nname: many\nstages:\n"
    for index in 0..<2000 {
      text += "  stage\(index): {use: xyz, in: {a: stag.e\(index)}, whit: {}}\n"
    }
    text += "outputs: {o: s0.volume}\n"
    #expect(errors(text).count == 6001)
  }
}
