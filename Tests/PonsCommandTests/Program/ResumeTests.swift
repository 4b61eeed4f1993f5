import Testing

/// A run that ended in any way goes on where it stopped, and gives the same bytes as one that nobody disturbed.
@Suite struct ResumeTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// Shell: six scans, a manifest with large and small results, and the digests of an undisturbed run in `good`.
  private static let setUp = """
    mkdir scans && "$root/Scripts/make-scans" scans || exit 90
    cat > pipe.yaml <<'END'
    pons: 1
    name: pipe
    parameters: {input: {type: path, required: true}}
    stages:
      read: {use: nifti.read, with: {path: "${input}", keys: name}}
      mask: {use: preprocess.to-mask, in: {volume: read.volume}}
      fine: {use: preprocess.resample, in: {volume: read.volume}, with: {spacing: [2]}}
      measure: {use: volume.statistics, in: {volume: fine.volume}}
      table: {use: table.write, in: {table: measure.table}}
      write: {use: nifti.write, in: {volume: fine.volume}, with: {format: nii}}
    outputs: {volume: write.files, table: table.files, mask: mask.mask, measures: measure.table}
    END
    go() { pons run pipe.yaml --quiet --set input=scans --work work --output out "$@" > log 2>&1; }
    digests() { (cd out && find . -type f ! -name summary.json ! -path './.pons*' | sort | xargs sha256sum); }
    calls() { grep -o '"calls": [0-9]*' out/summary.json | cut -d' ' -f2 | paste -sd+ | bc; }
    go || { cat log; exit 91; }
    digests > good
    """

  @Test func `results that a power cut has cut off are computed again, and nothing else`() throws {
    let result = try program.run(
      Self.setUp + """

        # What was written last is what a power cut takes: some of the newest files end too early.
        find work -type f -printf '%T@ %p\\n' | sort -n | tail -n 8 | cut -d' ' -f2 > newest
        while read -r file; do
          size=$(stat -c %s "$file"); touch -r "$file" time; truncate -s $((size * 2 / 3)) "$file"; touch -r time "$file"
        done < newest
        rm -r out; go || { cat log; exit 92; }
        digests | cmp - good || exit 93
        again=$(calls); rm -r out; go || exit 94
        digests | cmp - good || exit 95
        echo "$again of $(grep -c . newest), then $(calls)"
        """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasSuffix("then 0\n"), "\(result.output)")
    #expect(!result.output.hasPrefix("0 of"), "\(result.output)")
  }

  @Test func `a full disk stops the run with what is finished kept`() throws {
    let result = try program.run(
      Self.setUp + """

        mkdir small && mount -t tmpfs -o size=1200k none small 2> /dev/null || { echo skipped; exit 0; }
        trap 'umount small' EXIT
        pons run pipe.yaml --quiet --set input=scans --work small/work --output small/out > log 2>&1
        echo status $?; grep -o DISK_FULL log | head -n 1
        find small -name 'tmp' -type d -exec ls {} + | wc -l
        # More room, and the same command.
        mount -o remount,size=100m small || exit 92
        pons run pipe.yaml --quiet --set input=scans --work small/work --output small/out > log 2>&1 || exit 93
        mv out undisturbed; cp -r small/out out; digests | cmp - good || exit 94
        grep -o '"reused": [1-9]' out/summary.json | head -n 1 | cut -d' ' -f1
        pons cache verify --work small/work > log || { cat log; exit 95; }
        """)
    #expect(result.status == 0, "\(result.output)")
    if result.output == "skipped\n" { return }
    #expect(result.output == "status 1\nDISK_FULL\n0\n\"reused\":\n", "\(result.output)")
  }

  @Test func `two runs at once on one work folder give the same as one`() throws {
    let result = try program.run(
      Self.setUp + """

        rm -r work out
        for i in 1 2 3; do
          pons run pipe.yaml --quiet --set input=scans --work work --output out$i > log$i 2>&1 & pids="$pids $!"
        done
        for pid in $pids; do wait $pid || { cat log?; exit 92; }; done
        for i in 1 2 3; do rm -rf out; mv out$i out; digests | cmp - good || exit 93; done
        pons cache verify --work work || exit 94
        """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("all as they were written"), "\(result.output)")
  }

  @Test func `a run that is killed at any moment is finished by the next one`() throws {
    let result = try program.run(
      Self.setUp + """

        rm -r work out
        for delay in 0.02 0.05 0.08 0.11 0.15 0.2 0.25; do
          timeout -s KILL $delay pons run pipe.yaml --quiet --set input=scans --work work --output out > log 2>&1
        done
        go || { cat log; exit 92; }
        digests | cmp - good || exit 93
        ls -a work/tmp out | grep -c staging
        """)
    #expect(result.output == "0\n", "\(result.output)")
  }
}
