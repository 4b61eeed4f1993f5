import Testing

/// `pons plugin new`: what it makes builds, and passes the checks of plugins.
@Suite struct PluginTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  @Test(arguments: [
    ("c", "make -s -C mine", "mine/libpons-mine.so"), ("python", "true", "mine/plugin.yaml"),
    (
      "swift", "swift build -c release --package-path mine 2>&1 | tail -n 3",
      "mine/.build/release/libpons-mine.so"
    ),
  ])
  func `a new plugin builds and is sound`(language: String, build: String, file: String) throws {
    let result = try program.run(
      """
      \(language == "python" ? "python3 -c 'import numpy' 2> /dev/null || exit 77" : "")
      pons plugin new --language \(language) mine 2>&1 || exit 91
      \(build) 2>&1 || exit 92
      pons plugins check \(file) 2>&1 || exit 93
      pons plugins new mine 2>&1
      """)
    if result.status == 77 { return }
    #expect(result.status == 2, "\(result.output)")
    #expect(result.output.contains(" 0 failed"), "\(result.output)")
    #expect(result.output.contains("Made mine. Next:"))
    #expect(result.output.contains("mine is there already"))
  }

  @Test func `names that cannot be, and languages that are not there`() throws {
    let result = try program.run(
      """
      pons plugin new Mine 2>&1; echo $?
      pons plugin new ../mine 2>&1; echo $?
      pons plugin new --language rust mine 2>&1; echo $?
      ls
      """)
    #expect(result.output.contains("\"Mine\" cannot be the name of a plugin"))
    #expect(result.output.contains("\"../mine\" cannot be the name"))
    #expect(!result.output.contains("\n0\n"), "\(result.output)")
  }
}
