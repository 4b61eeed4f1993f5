import PonsManifest
import Testing

/// Tells assignments that do not fit: each with file, line, column and what to do.
@Suite struct CommandLineErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "no value",
      ErrorCase.base,
      assignments: ["level"],
      expected: """
        command line: error: --set needs name=value, found 'level'
        """),
    ErrorCase(
      "no name",
      ErrorCase.base,
      assignments: ["=3"],
      expected: """
        command line: error: --set needs name=value, found '=3'
        """),
    ErrorCase(
      "unknown parameter",
      ErrorCase.base,
      assignments: ["levle=3"],
      expected: """
        command line: error: the manifest has no parameter 'levle'
          did you mean 'level'?
        """),
    ErrorCase(
      "unknown path",
      ErrorCase.base,
      assignments: ["stages.g.with.minimum=3"],
      expected: """
        command line: error: nothing in the manifest has the path 'stages.g.with.minimum'
          did you mean 'stages.f.with.minimum'?
        """),
    ErrorCase(
      "wrong type",
      ErrorCase.base,
      assignments: ["level=much", "stages.f.with.minimum=[1"],
      expected: """
        command line: error: 'minimum' of stage 'f': expected ',' or ']' (the list '[' begins at line 1)
        command line: error: parameter 'level' must be a number, found 'much'
        """),
    ErrorCase(
      "outside overridable",
      ErrorCase.base,
      assignments: ["stages.f.with.minimum=11"],
      expected: """
        command line: error: 'minimum' of stage 'f' is 11, greater than the greatest value allowed, 10: outside what the manifest lets overlays choose
          'overridable' is at m.yaml:11:19
        """),
    ErrorCase(
      "twice",
      ErrorCase.base,
      assignments: ["level=3", "parameters.level=4"],
      expected: """
        command line: error: 'parameters.level' is changed twice
          keep one of the two, or put the second into an overlay of its own
        """),
    ErrorCase(
      "empty",
      ErrorCase.base,
      assignments: ["level="],
      expected: """
        command line: error: parameter 'level' must be a number, found nothing
        """),
    ErrorCase(
      "swap",
      ErrorCase.base,
      assignments: ["stages.f.use=volume.other"],
      expected: """
        command line: error: 'stages.f.use' cannot be set
          swap the stage in an overlay: 'use: [{stage: ..., use: ...}]'
        """),
    ErrorCase(
      "locked",
      ErrorCase.base + "locked: true\n",
      assignments: ["stages.f.with.rounds=3"],
      expected: """
        command line: error: 'stages.f.with.rounds' may not be changed: the manifest is locked and does not list it as overridable
          overridable there: minimum, method, use
        """),
    ErrorCase(
      "quoted number",
      ErrorCase.base,
      assignments: ["level=\"3\""],
      expected: """
        command line: error: parameter 'level' must be a number, found the text "3"
          remove the quotes
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
