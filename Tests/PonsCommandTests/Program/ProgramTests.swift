import Testing

/// The program as a person or a script starts it.
@Suite struct ProgramTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  @Test func `the plugins beside the program are found`() throws {
    let result = try program.run("pons plugins list")
    #expect(result.status == 0, "\(result.output)")
    for id in ["nifti.read", "nifti.write", "filter.threshold", "volume.statistics"] {
      #expect(result.output.contains(id))
    }
  }

  @Test func `colours come when they are asked for, and only then`() throws {
    #expect(try program.run("pons help run").output.contains("\u{1B}") == false)
    #expect(try program.run("pons plugins list --color always").output.contains("\u{1B}["))
    #expect(try program.run("pons plugins list --color never").output.contains("\u{1B}") == false)
  }

  @Test func `the manual page is set without a warning`() throws {
    let result = try program.run(
      "command -v groff > /dev/null || exit 0; pons help --man | groff -man -Tutf8 -ww -z 2>&1")
    #expect(result.status == 0)
    #expect(result.output.isEmpty, "\(result.output)")
  }
}
