import Glibc
import PonsCommand
import PonsKit
import Testing

@Suite struct ReasonCodeTests {
  @Test func `codes are unique, and say what they mean and what to do`() {
    let codes = ReasonCode.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    for code in ReasonCode.all {
      #expect(!code.meaning.isEmpty && !code.advice.isEmpty, "\(code.code)")
      #expect(code.code.allSatisfy { $0 == "_" || $0.isNumber || $0.isASCII && $0.isUppercase })
    }
    for area in ReasonCode.Area.allCases {
      let own = ReasonCode.all.filter { $0.area == area }.map(\.code)
      #expect(own == own.sorted() && !own.isEmpty)
    }
  }

  /// Every code that a stage, or the engine on its behalf, can give a case. The sources are searched for them as text.
  @Test func `every code in the sources is in the table`() throws {
    let result = try BuiltProgram().run(
      """
      cd "$root" && cat $(find Plugins/ Sources/PonsEngine Sources/PonsKit Sources/PonsGrids Sources/PonsFiles \\
        Sources/PonsTorch Sources/PonsHost/Bridge -name '*.swift') | tr '\\n' ' ' |
        grep -oE '(StageFailure\\( *\\.?[a-zA-Z]+, *code: *[^,]*,|misuse\\( *"[A-Z_]+"|failure\\( *"[A-Z_]+")' |
        grep -oE '"[A-Z0-9_]+"' | tr -d '"' | sort -u
      """)
    let found = result.output.split(separator: "\n").map(String.init)
    #expect(found.count > 100)
    // What commands about work folders answer; no case has them.
    let ofCommands = [
      "IN_USE", "NO_SUCH_RESULT", "NO_WORK_FOLDER", "UNKNOWN_OUTPUT", "UNKNOWN_RUN",
    ]
    let missing = found.filter { ReasonCode.named($0) == nil && !ofCommands.contains($0) }
    #expect(missing.isEmpty, "\(missing)")
    // Those that stand for what is wrong with a file are made of its kind.
    for category in [StageFailure.Category.badInput, .badParameter, .resource, .internal] {
      #expect(ReasonCode.named(category.defaultCode) != nil)
    }
  }

  @Test func `the page in docs is what the command writes`() throws {
    let result = try BuiltProgram().run(
      "pons quarantine codes --markdown | cmp - \"$root/docs/quarantine.md\"")
    #expect(result.status == 0, "write it: pons quarantine codes --markdown > docs/quarantine.md")
  }
}
