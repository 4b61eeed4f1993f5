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
      outputs: outputs, stages: [], seconds: 1)
  }

  @Test func `a run answers as its cases ended`() {
    #expect(ExitCode(summary([.done, .filtered, .notSelected])) == .success)
    #expect(ExitCode(summary([.done, .quarantined])) == .quarantined)
    #expect(ExitCode(summary([])) == .nothingDone)
    #expect(ExitCode(summary([.filtered, .filtered])) == .nothingDone)
    #expect(ExitCode(summary([.quarantined])) == .nothingDone)
    #expect(ExitCode(summary([], outputs: ["model.safetensors"])) == .success)
    #expect(ExitCode(summary([.done], .cancelled)) == .interrupted)
  }

  @Test func `a run that a stage stopped answers as the failure says`() {
    func code(_ category: StageFailure.Category) -> ExitCode {
      ExitCode(summary([.done], .stopped(stage: "a", StageFailure(category, "x"))))
    }
    #expect(code(.internal) == .failure)
    #expect(code(.resource) == .failure)
    #expect(code(.badInput) == .failure)
    #expect(code(.badParameter) == .usage)
    #expect(code(.cancelled) == .interrupted)
  }
}
