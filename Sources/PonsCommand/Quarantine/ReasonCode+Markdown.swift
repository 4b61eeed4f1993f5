extension ReasonCode {
  /// The page `docs/quarantine.md`.
  package static var page: String {
    var text = """
      # Why cases are quarantined

      A case that fails at a stage is quarantined: it gets no further result, the other cases go on, and `summary.json` says where and why. Its source
      files are never moved or changed. The codes below are stable; what is in the reason beside them is for people.

      `pons quarantine list` shows the cases of a run, `pons quarantine show CASE` one of them, and `pons quarantine retry` runs again
      what failed, with the command line of the run. This page is what `pons quarantine codes --markdown` writes.

      """
    for area in Area.allCases {
      let summary = area.summary.prefix(1).uppercased() + area.summary.dropFirst()
      text += "\n## \(area.title)\n\n\(summary).\n\n"
      text += "| code | meaning | what to do |\n|---|---|---|\n"
      for code in all where code.area == area {
        text += "| `\(code.code)` | \(code.meaning) | \(code.advice) |\n"
      }
    }
    return text
  }
}
