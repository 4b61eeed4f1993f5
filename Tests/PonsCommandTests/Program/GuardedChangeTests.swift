import Testing

/// What a change would do is seen before it is made: diff, shadow and golden cases, by the built program.
@Suite struct GuardedChangeTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// Masks of the balls of `make-scans`; each ball is 100 brighter than the one before.
  private static let files = """
    mkdir scans && "$root/Scripts/make-scans" scans || exit 90
    cat > bright.yaml <<'END'
    pons: 1
    name: bright
    parameters: {input: {type: path, required: true}}
    stages:
      read: {use: nifti.read, with: {path: "${input}", keys: name}}
      keep:
        use: filter.threshold
        in: {volume: read.volume}
        with: {statistic: maximum, minimum: 50}
        overridable: {minimum: [0, 1000]}
      mask:
        use: preprocess.to-mask
        in: {volume: keep.volume}
        with: {above: 50}
        overridable: {above: [0, 1000]}
      write: {use: nifti.write, in: {volume: mask.mask}}
    outputs: {mask: write.files}
    golden: {set: {input: scans}, outputs: [mask], max_dice_drop: 0.05}
    END
    overlay() { # NAME PATH VALUE
      cat > $1.yaml <<END
    pons: 1
    overlay: $1
    base: bright.yaml
    set: [{path: $2, to: $3, reason: a test, by: tests}]
    END
    }
    overlay harmless stages.mask.with.above 60
    overlay harmful stages.mask.with.above 110
    overlay strict stages.keep.with.minimum 150
    """

  @Test func `diff tells settings with their reasons, fates and Dice`() throws {
    let result = try program.run(
      """
      \(Self.files)
      pons run bright.yaml --set input=scans --output one --quiet 2>&1 || exit 91
      pons run harmful.yaml --set input=scans --output two --quiet 2>&1 || exit 92
      pons run strict.yaml --set input=scans --output three --quiet 2>&1 || exit 93
      echo; pons diff one one; pons diff one two; pons diff one three
      """)
    #expect(result.status == 0, "\(result.output)")
    let text = result.output
    #expect(
      text.contains("cases: 6 the same, none changed\nfiles: 6 the same, none changed\n"), "\(text)"
    )
    #expect(text.contains("  stages.mask.with.above  50.0 -> 110.0\n"), "\(text)")
    #expect(text.contains("stages.mask.with.above = 110.0, reason: a test, by: tests"), "\(text)")
    // About half of the ball's noise of 0 to 19 is above 10.
    #expect(text.contains("subject-1/mask.nii.gz  Dice 0.6"), "\(text)")
    #expect(text.contains("files: 5 the same, 1 changed"), "\(text)")
    #expect(text.contains("  subject-1  done -> filtered at keep"), "\(text)")
    #expect(text.contains("subject-1/mask.nii.gz  only in the first"), "\(text)")
  }

  @Test func `shadow runs both and touches nothing else`() throws {
    let result = try program.run(
      """
      \(Self.files)
      pons shadow strict.yaml --set input=scans --overlay harmful.yaml --quiet 2> /dev/null || exit 91
      ls; ls pons-shadow
      pons shadow harmless.yaml --set input=scans --json --output again 2> /dev/null || exit 92
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(
      result.output.contains("base: 6 done; with the overlay: 5 done, 1 filtered\n"),
      "\(result.output)")
    #expect(result.output.contains("files: 5 the same, 1 changed"), "\(result.output)")
    #expect(!result.output.contains("pons-output"))
    #expect(result.output.contains(#""cases":[]"#), "\(result.output)")
  }

  @Test func `golden cases let a harmless overlay pass and refuse others`() throws {
    let result = try program.run(
      """
      \(Self.files)
      pons validate bright.yaml --golden --overlay harmless.yaml --quiet 2> /dev/null; echo "status $?"
      pons validate harmful.yaml --golden --quiet 2> /dev/null; echo "status $?"
      pons validate strict.yaml --golden --quiet 2> /dev/null; echo "status $?"
      pons validate bright.yaml --golden 2>&1; echo "status $?"
      """)
    let text = result.output
    #expect(
      text.contains("golden cases: passed, 6 masks, Dice falls by at most 0.050\nstatus 0\n"),
      "\(text)")
    #expect(
      text.contains("refused: subject-1/mask: Dice with the manifest's own result is 0.6"),
      "\(text)")
    #expect(
      text.contains("refused: case subject-1 is done, and with the overlay filtered"), "\(text)")
    #expect(text.contains("golden cases: refused, 1 reason\nstatus 5\n"), "\(text)")
    #expect(text.contains("no overlay that golden cases could judge"), "\(text)")
    #expect(text.hasSuffix("status 2\n"), "\(text)")
  }

  @Test
  func `golden cases with a truth ask whether an overlay is worse, not whether it is different`()
    throws
  {
    let result = try program.run(
      """
      \(Self.files)
      # The truth is what a higher limit gives, so that this limit is nearer to it than the manifest's own.
      pons run harmful.yaml --set input=scans --output truth --quiet 2>&1 || exit 91
      sed -i 's/max_dice_drop/truth: truth, max_dice_drop/' bright.yaml
      overlay nearer stages.mask.with.above 109
      pons validate nearer.yaml --golden --quiet 2> /dev/null; echo "status $?"
      overlay farther stages.mask.with.above 118
      pons validate farther.yaml --golden --quiet 2> /dev/null; echo "status $?"
      """)
    let text = result.output
    #expect(
      text.contains("golden cases: passed, 6 masks, Dice falls by at most 0.050\nstatus 0\n"),
      "\(text)")
    #expect(text.contains("refused: subject-1/mask: Dice falls from 0.6"), "\(text)")
    #expect(text.hasSuffix("status 5\n"), "\(text)")
  }
}
