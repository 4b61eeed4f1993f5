import Glibc
import PonsCommand
import PonsEngine
import PonsKit
import PonsManifest
import Testing

@Suite struct RunCommandTests {
  private let folder: TemporaryFolder
  private let manifest: String
  private let fake = FakeServices()

  init() throws {
    folder = try TemporaryFolder()
    manifest = try folder.write("demo.yaml", FakeServices.manifest)
  }

  private func summary(
    _ statuses: [CaseStatus], _ ending: RunSummary.Ending = .completed
  ) -> RunSummary {
    RunSummary(
      name: "demo", ending: ending,
      cases: statuses.enumerated().map {
        CaseSummary(
          caseKey: "c\($0.offset)", status: $0.element,
          code: $0.element == .quarantined ? "BAD" : nil, reason: "why", stage: "work")
      }, outputs: [], stages: [], seconds: 1, hasSources: true)
  }

  private func run(
    _ summary: RunSummary, _ arguments: String..., environment: [String: String] = [:],
    problems: [StageCatalogue.Problem] = []
  ) -> ProgramResult {
    ProgramResult(
      ["run", manifest, "--set", "input=/scans"] + arguments, environment: environment,
      services: fake.services(summary, problems: problems))
  }

  @Test func `a run answers with the code of its summary`() {
    #expect(run(summary([.done])).code == .success)
    #expect(run(summary([.done, .quarantined])).code == .quarantined)
    #expect(run(summary([])).code == .nothingDone)
    #expect(run(summary([.done], .cancelled)).code == .interrupted)
    let failure = StageFailure(.internal, "a bug")
    #expect(run(summary([.done], .stopped(stage: "work", failure))).code == .failure)
  }

  @Test func `the summary is the result, what happens on the way goes to standard error`() {
    let result = run(summary([.done, .quarantined]))
    #expect(result.out.contains("demo: 1 done, 1 quarantined in 1 s"))
    #expect(result.error == "done c0\nquarantined c1 at work: BAD, why\n")
    #expect(run(summary([.done, .quarantined]), "--quiet").error.isEmpty)
  }

  @Test func `with JSON, standard output has one event a line and nothing else`() throws {
    let result = run(summary([.done]), "--json")
    let lines = result.out.split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines { _ = try JSON(parsing: String(line)) }
    #expect(result.error.contains("demo: 1 done"))
  }

  @Test func `what is not said has sensible values`() {
    _ = run(summary([.done]), environment: ["HOME": "/home/someone"])
    let configuration = fake.asked.configuration
    #expect(configuration?.output == "pons-output")
    #expect(configuration?.work == "pons-output/.pons")
    #expect(configuration?.siteKeyFile == "/home/someone/.config/pons/site.key")
    #expect((configuration?.jobs ?? 0) >= 1)
    #expect((configuration?.memoryBudget ?? 0) > 1 << 20)
    #expect((configuration?.memoryBudget ?? .max) <= 1 << 30)
    #expect(configuration?.seed == 0)
  }

  @Test func `options reach the run`() {
    _ = run(
      summary([.done]), "--output", "out", "--work=w", "-j", "3", "--memory", "512M", "--seed", "7",
      "--set", "stages.read.with.limit=4.5",
      environment: ["XDG_CONFIG_HOME": "/etc/xdg", "PONS_SITE_KEY": "/etc/pons/key"])
    let configuration = fake.asked.configuration
    #expect(configuration?.output == "out")
    #expect(configuration?.work == "w")
    #expect(configuration?.jobs == 3)
    #expect(configuration?.memoryBudget == 512 << 20)
    #expect(configuration?.seed == 7)
    #expect(configuration?.siteKeyFile == "/etc/pons/key")
    #expect(configuration?.graph.stages.first?.parameters["limit"] == .number(4.5))
  }

  @Test func `a manifest with errors is shown with places and never run`() {
    let result = ProgramResult(
      ["run", manifest, "--set", "stages.read.with.limit=11", "--set", "stages.wrk.with.a=1"],
      services: fake.services(summary([.done])))
    #expect(result.code == .usage)
    #expect(result.out.isEmpty)
    #expect(result.error.contains("error:"))
    #expect(result.error.contains("did you mean"))
    #expect(fake.asked.configuration == nil)
  }

  @Test func `plugins that cannot be used are told, because they may be the reason`() {
    let problem = StageCatalogue.Problem(
      file: "/plugins/broken.so", message: "it crashed", hint: "ask its author")
    let result = run(summary([.done]), "--quiet", problems: [problem])
    #expect(
      result.error == "warning: /plugins/broken.so: it crashed\n  hint: ask its author\n")
    #expect(result.code == .success)
  }

  @Test func `a manifest that does not exist names those that Pons ships`() throws {
    #expect(mkdir(folder.path + "/bin", 0o755) == 0)
    #expect(mkdir(folder.path + "/share", 0o755) == 0)
    #expect(mkdir(folder.path + "/share/pons", 0o755) == 0)
    #expect(mkdir(folder.path + "/share/pons/manifests", 0o755) == 0)
    _ = try folder.write("share/pons/manifests/shipped.yaml", FakeServices.manifest)
    let executable = folder.path + "/bin/pons"
    func run(_ name: String) -> ProgramResult {
      ProgramResult(
        ["run", name, "--set", "input=x"], executable: executable,
        services: fake.services(summary([.done])))
    }
    #expect(run("shipped").code == .success)
    #expect(run("shipped.yaml").code == .success)
    let wrong = run("shiped")
    #expect(wrong.code == .usage)
    #expect(wrong.error.contains("shiped does not exist"))
    #expect(wrong.error.contains("did you mean \"shipped\"? Pons ships: shipped"))
    #expect(run(folder.path).error.contains("is a folder, not a manifest"))
    #expect(run("/dev/zero").error.contains("is no regular file"))
    // Paths in messages have no detours.
    #expect(
      ProgramResult(
        ["config", "shipped", "--origin", "--set", "input=x"], executable: executable,
        services: fake.services(summary([.done]))
      ).out.contains("# \(folder.path)/share/pons/manifests/shipped.yaml:"))
  }
}
