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

  @Test func `a plugin is checked, and what is none fails`() throws {
    // As an author does, in the plugin's folder.
    let good = try program.run(
      "cp '\(program.build)/libpons-statistics.so' good.so; pons plugins check good.so")
    #expect(good.status == 0, "\(good.output)")
    #expect(good.output.contains(" 0 failed"))
    #expect(try program.run("echo x > x.so; pons plugins check x.so").status == 1)
    #expect(try program.run("pons plugins check nothing.so 2> /dev/null").status == 2)
  }

  @Test func `the manifest in README is valid`() throws {
    let readme = try program.run(
      """
      awk '/^```yaml/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md" > readme.yaml
      pons validate readme.yaml 2>&1
      """)
    #expect(readme.output.contains("readme.yaml: valid, 5 stages, 2 outputs"))
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
