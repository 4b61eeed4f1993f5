import Testing

/// Manifests with prompts, run by the program: what a site has written down, and what is made of masks.
@Suite struct PromptManifestTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  @Test func `boxes of a file reach the cases that it names, by private names, too`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      echo '{"cases": {"subject-1": {"boxes": [[3, 10, 12, 30, 31]]}, "subject-2": {"boxes": [[30, 0, 0, 9, 9]]}}}' > p.json
      cat > m.yaml <<'END'
      pons: 1
      name: m
      stages:
        read: {use: nifti.read, with: {path: scans}}
        prompt: {use: prompts.from-json, in: {volume: read.volume}, with: {path: p.json}}
        more: {use: prompts.from-roi, in: {volume: read.volume, hints: prompt.prompts}}
      outputs: {prompts: more.prompts}
      END
      pons run m.yaml --output out 2>&1; echo "exit $?"; ls out/*/prompts.safetensors | wc -l
      """)
    #expect(result.output.contains("1 done, 5 quarantined"), "\(result.output)")
    #expect(result.output.contains("row 1 of 'boxes' of case 2 (by name) is in slice 30 of 24"))
    #expect(!result.output.contains("subject-2"), "\(result.output)")
    #expect(result.output.contains("exit 3\n1"), "\(result.output)")
  }
}
