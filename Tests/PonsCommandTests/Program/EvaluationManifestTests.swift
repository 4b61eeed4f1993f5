import Testing

/// Manifests that filter, split and judge, run by the program on made images: balls whose size and brightness grow from case to case.
@Suite struct EvaluationManifestTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// Shell: makes the images, and `manifest`, which writes m.yaml with more stages and outputs. Of six cases the masks a and b are both
  /// empty in two, one is empty in the third, and they are equal in the others.
  private static let made = """
    mkdir scans && "$root/Scripts/make-scans" scans || exit 90
    manifest() {
      cat > m.yaml <<END
    pons: 1
    name: m
    unsupervised: true
    stages:
      read: {use: nifti.read, with: {path: scans, keys: name}}
      drawn: {use: nifti.read, with: {path: scans, keys: name}, ground_truth: true}
      truth: {use: preprocess.to-mask, in: {volume: drawn.volume}, with: {above: 60}}
      a: {use: preprocess.to-mask, in: {volume: read.volume}, with: {above: 300}}
      b: {use: preprocess.to-mask, in: {volume: read.volume}, with: {above: 350}}
    $1
    outputs: $2
    END
    }

    """

  @Test func `half of the cases are kept, and every case gets its mask`() throws {
    let result = try program.run(
      Self.made + """
        manifest '
          filter: {use: s3f.filter, in: {a: a.mask, b: b.mask}, with: {keep_fraction: 0.5}}
          scores: {use: table.write, in: {table: filter.scores}}
        ' '{mask: a.mask, scores: scores.files, kept: filter.mask}'
        pons run m.yaml --output out 2>&1; echo "exit $?"
        ls -d out/*/mask.safetensors | wc -l; ls -d out/*/kept.safetensors
        cut -d, -f1,2,5,6,7 out/scores.csv
        """)
    #expect(result.output.contains("\n6\n"), "\(result.output)")
    // Equally similar cases in the order of their keys.
    for row in [
      "subject-1,1.0,both,1,1", "subject-2,1.0,both,2,1", "subject-3,0.0,b,6,0",
      "subject-4,1.0,none,3,1",
      "subject-5,1.0,none,4,0", "subject-6,1.0,none,5,0",
    ] { #expect(result.output.contains(row), "\(result.output)") }
    #expect(result.output.contains("out/subject-4/kept.safetensors"))
    #expect(!result.output.contains("out/subject-5/kept.safetensors"))
  }

  @Test func `truth may reach evaluation, and nothing else`() throws {
    let result = try program.run(
      Self.made + """
        manifest '
          filter: {use: s3f.filter, in: {a: a.mask, b: truth.mask}}
        ' '{kept: filter.mask}'
        pons validate m.yaml 2>&1; echo "exit $?"
        """)
    #expect(result.output.contains("ground truth would reach 'filter.b'"), "\(result.output)")
    #expect(result.output.contains("exit 2"), "\(result.output)")
  }

  @Test func `a part of the cases is judged, and others that join with it stay out`() throws {
    let result = try program.run(
      Self.made + """
        manifest '
          split: {use: split.cases, in: {volume: read.volume}, with: {test: 0.5}}
          held: {use: preprocess.to-mask, in: {volume: split.test}, with: {above: 300}}
          judge: {use: evaluate.masks, in: {prediction: held.mask, truth: truth.mask}}
          all: {use: evaluate.masks, in: {prediction: a.mask, truth: truth.mask}}
          cohort: {use: evaluate.cohort, in: {a: judge.table, b: all.table}, with: {names: {b: all}}}
          few: {use: table.write, in: {table: judge.table}}
          both: {use: table.write, in: {table: cohort.summary}}
        ' '{few: few.files, both: both.files}'
        pons run m.yaml --output out 2>&1; echo "exit $?"
        cat out/*.csv
        """)
    #expect(result.output.contains("exit 0"), "\(result.output)")
    #expect(result.output.contains("\na,dice,,3,3,"), "\(result.output)")
    #expect(result.output.contains("\nall,dice,,6,6,"), "\(result.output)")
  }

  @Test func `classes of a table are judged by the slices of the truth`() throws {
    let result = try program.run(
      Self.made + """
        printf 'case,slice,label\\n' > t.csv
        for n in 1 2 3 4 5 6; do printf 'subject-%d,0-11,normal\\nsubject-%d,12-23,tumour\\n' $n $n >> t.csv; done
        manifest '
          labels: {use: labels.from-table, in: {volume: read.volume}, with: {table: t.csv}}
          judge: {use: evaluate.slice-labels, in: {labels: labels.labels, truth: truth.mask}}
          total: {use: table.write, in: {table: judge.total}}
        ' '{total: total.files}'
        pons run m.yaml --output out 2>&1; echo "exit $?"; cat out/*.csv
        """)
    #expect(result.output.contains("exit 0"), "\(result.output)")
    // The first ball is in 12 slices, the others in all: half of their slices are missed.
    #expect(result.output.contains("\n6,144,144,66,6,6,66,0,1.0,0.5,"), "\(result.output)")
  }

  @Test func `the manifest evaluate compares two folders`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      pons run evaluate --set predictions=scans --set truth=scans --output out 2>&1; echo "exit $?"
      cat out/*.csv
      """)
    #expect(result.output.contains("exit 0"), "\(result.output)")
    #expect(
      result.output.contains("\nprediction,dice,,6,6,1.0,1.0,1.0,1.0,1.0,1.0,0,0"),
      "\(result.output)")
  }
}
