import PonsCommand
import PonsEngine
import PonsKit
import PonsManifest
import Testing

@Suite struct ManifestCommandTests {
  private let folder: TemporaryFolder
  private let manifest: String
  private let services: Services

  init() throws {
    folder = try TemporaryFolder()
    manifest = try folder.write("demo.yaml", FakeServices.manifest)
    services = FakeServices().services(
      RunSummary(
        name: "", ending: .completed, cases: [], outputs: [], stages: [], seconds: 0,
        hasSources: true))
  }

  private func pons(_ arguments: String...) -> ProgramResult {
    ProgramResult(arguments, services: services)
  }

  @Test func `a good manifest is valid without values for what a run sets`() {
    let result = pons("validate", manifest)
    #expect(result.code == .success)
    #expect(result.out == "\(manifest): valid, 2 stages, 1 output\n")
    #expect(result.error.isEmpty)
  }

  @Test func `all errors are shown at once, with places, as text or JSON`() throws {
    let bad = try folder.write(
      "bad.yaml", FakeServices.manifest.replacing("read.volume", with: "read.volum") + "\nout: {}\n"
    )
    let result = pons("validate", bad)
    #expect(result.code == .usage)
    #expect(result.error.contains("\(bad):7:"))
    #expect(result.error.contains("unknown key 'out'"))
    #expect(result.error.hasSuffix("2 errors\n"))
    let json = try JSON(parsing: pons("validate", bad, "--json").out)
    #expect(json["valid"] == false)
    #expect(json["errors"]?.array?.count == 2)
    #expect(json["errors"]?[0]?["line"] == 7)
  }

  @Test func `the effective manifest says where its values come from`() {
    let result = pons(
      "config", manifest, "--origin", "--set", "stages.read.with.limit=2", "--set", "input=/x")
    #expect(result.code == .success)
    #expect(result.out.contains("limit: 2"))
    #expect(result.out.contains("command line"))
    #expect(!pons("config", manifest).out.contains("#"))
  }

  @Test func `graphs come as text, dot and SVG`() {
    #expect(pons("graph", manifest).out.contains("read"))
    #expect(pons("graph", manifest, "--format", "dot").out.hasPrefix("digraph"))
    #expect(pons("graph", manifest, "--format=svg").out.contains("<svg"))
  }

  @Test func `stages are listed below their plugins`() throws {
    let text = pons("plugins", "list")
    #expect(text.code == .success)
    #expect(text.out.contains("test  /plugins/libpons-test.so"))
    #expect(text.out.contains("test.source  Makes volumes"))
    let json = try JSON(parsing: pons("plugins", "list", "--json").out)
    #expect(json["stages"]?.array?.count == 2)
  }

  @Test func `a stage is shown with its ports and parameters`() throws {
    let text = pons("plugins", "inspect", "test.source").out
    #expect(text.contains("number, in mm, from 0 to 10, default 3"))
    #expect(text.contains("path, required"))
    #expect(pons("plugins", "inspect", "test.work").out.contains("voxels uint8 or float32"))
    let json = try JSON(parsing: pons("plugins", "inspect", "test.source", "--json").out)
    #expect(json["parameters"]?[1]?["maximum"] == 10.0)
    let wrong = pons("plugins", "inspect", "test.sauce")
    #expect(wrong.code == .usage)
    #expect(wrong.error.contains("did you mean \"test.source\"?"))
  }
}

extension String {
  fileprivate func replacing(_ text: String, with other: String) -> String {
    var result = ""
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(text) {
        result += other
        rest = rest.dropFirst(text.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
