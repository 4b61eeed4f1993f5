import PonsCommand
import PonsEngine
import PonsKit
import Testing

@Suite struct SummaryTextTests {
  @Test func `the summary counts, explains and says where the outputs are`() {
    let summary = RunSummary(
      name: "demo", ending: .completed,
      cases: [
        CaseSummary(caseKey: "a", status: .done, outputs: ["a/x.nii.gz", "a/y.nii.gz"]),
        CaseSummary(caseKey: "b", status: .filtered, reason: "mean 3 < 5", stage: "keep"),
        CaseSummary(
          caseKey: "c", status: .quarantined, code: "TRUNCATED", reason: "the file ends early",
          hint: "copy it again", stage: "read"),
      ],
      outputs: ["table.csv"],
      stages: [
        StageSummary(
          name: "read", use: "nifti.read", calls: 3, reused: 1,
          skipped: [.init(code: "NOT_NIFTI", text: "not a NIfTI file", count: 2)])
      ], seconds: 4.21, hasSources: true)
    let text = SummaryText(style: .plain, width: 80).render(summary, output: "out")
    #expect(
      text == """
        demo: 1 done, 1 filtered, 1 quarantined in 4.2 s; 1 of 4 results reused
          read passed over: 2 not a NIfTI file
          quarantined c at read: TRUNCATED, the file ends early
            hint: copy it again
          filtered b at keep: mean 3 < 5
        3 files in out/, summary in summary.json

        """)
  }

  @Test func `cases that go on under other keys are not counted as done`() {
    let summary = RunSummary(
      name: "demo", ending: .completed,
      cases: [
        CaseSummary(caseKey: "a", status: .done, outputs: ["a/x.nii.gz"]),
        CaseSummary(caseKey: "b", status: .done, continuesAs: ["a"]),
      ], outputs: [], stages: [], seconds: 1, hasSources: true)
    let text = SummaryText(style: .plain, width: 80).render(summary, output: "out")
    #expect(text.hasPrefix("demo: 1 done, 1 under other keys in 1 s\n"), "\(text)")
    #expect(summary.json["counts"]?["done"] == 1 && summary.json["counts"]?["continued"] == 1)
  }

  @Test func `a stage that stopped the run is named with what to do`() {
    let summary = RunSummary(
      name: "demo",
      ending: .stopped(
        stage: "train", StageFailure(.resource, code: "NO_MEMORY", "too big", hint: "use less")),
      cases: [], outputs: [], stages: [], seconds: 0, hasSources: true)
    let text = SummaryText(style: .plain, width: 80).render(summary, output: "out/")
    #expect(text.contains("demo: no cases (stopped)"))
    #expect(
      text.contains("error: the stage train stopped the run: too big [NO_MEMORY]\nhint: use less"))
    #expect(text.hasSuffix("no files; summary in out/summary.json\n"))
  }
}
