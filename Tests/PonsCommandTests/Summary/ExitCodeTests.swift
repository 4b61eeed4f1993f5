import PonsCommand
import PonsEngine
import PonsKit
import Testing

@Suite struct ExitCodeTests {
  private func summary(
    _ statuses: [CaseStatus], outputs: [String] = [], _ ending: RunSummary.Ending = .completed
  ) -> RunSummary {
    RunSummary(
      name: "demo", ending: ending,
      cases: statuses.enumerated().map {
        CaseSummary(caseKey: "c\($0.offset)", status: $0.element)
      },
      outputs: outputs, stages: [], seconds: 1, hasSources: true)
  }

  private func code(of summary: RunSummary) -> ExitCode? { ExitCode(rawValue: summary.exitCode) }

  @Test func `a run answers as its cases ended`() {
    #expect(code(of: summary([.done, .filtered, .notSelected])) == .success)
    #expect(code(of: summary([.done, .quarantined])) == .quarantined)
    #expect(code(of: summary([])) == .nothingDone)
    #expect(code(of: summary([.filtered, .filtered])) == .nothingDone)
    #expect(code(of: summary([.quarantined])) == .nothingDone)
    #expect(code(of: summary([.done], .cancelled)) == .interrupted)
  }

  @Test func `a run that a stage stopped answers as the failure says`() {
    func code(_ category: StageFailure.Category) -> ExitCode? {
      self.code(of: summary([.done], .stopped(stage: "a", StageFailure(category, "x"))))
    }
    #expect(code(.internal) == .failure)
    #expect(code(.resource) == .failure)
    #expect(code(.badInput) == .failure)
    #expect(code(.badParameter) == .usage)
  }
}
