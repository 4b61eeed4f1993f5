import Testing

/// What the process answers, with the real host, engine and plugins.
@Suite struct ExitStatusTests {
  private let program: BuiltProgram

  init() throws {
    program = try BuiltProgram()
    _ = try program.folder.write(
      "copy.yaml",
      """
      pons: 1
      name: copy
      parameters:
        input: {type: path, required: true}
      stages:
        read: {use: nifti.read, with: {path: "${input}", keys: name}}
        keep: {use: filter.threshold, in: {volume: read.volume}}
        write: {use: nifti.write, in: {volume: keep.volume}}
      outputs: {image: write.files}
      """)
  }

  /// Makes `scans/a.nii`, one slice of 8 x 8 bytes, and so on for every name.
  private func scans(_ names: String...) -> String {
    let fields = [
      "\\x5c\\x01\\0\\0", String(repeating: "\\0", count: 36),
      "\\x03\\0\\x08\\0\\x08\\0\\x01\\0\\x01\\0\\x01\\0\\x01\\0\\x01\\0",
      String(repeating: "\\0", count: 14), "\\x02\\0\\x08\\0\\0\\0",
      String(repeating: "\\0\\0\\x80\\x3f", count: 8), "\\0\\0\\xb0\\x43",
      String(repeating: "\\0", count: 232), "n+1\\0", "\\0\\0\\0\\0",
      String(repeating: "\\x07", count: 64),
    ]
    let header = fields.joined()
    return "mkdir -p scans\n"
      + names.map { "printf '\(header)' > scans/\($0).nii\n" }.joined()
  }

  @Test func `0 when everything is done, also when filters removed cases`() throws {
    let result = try program.run(
      scans("a", "b") + "pons run copy.yaml --set input=scans --output out 2>&1")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("copy: 2 done"))
    #expect(try program.run("gzip -t out/a/image.nii.gz && ls out/a").output == "image.nii.gz\n")
  }

  @Test func `2 for a wrong command line and a wrong manifest`() throws {
    #expect(try program.run("pons run copy.yaml --jobs none").status == 2)
    #expect(try program.run("pons run copy.yaml").status == 2)
    #expect(try program.run("pons validate copy.yaml --set stages.read.with.keys=no").status == 2)
  }

  @Test func `3 when some cases are quarantined`() throws {
    let result = try program.run(
      scans("a", "b") + "truncate -s 360 scans/b.nii\n"
        + "pons run copy.yaml --set input=scans --output out 2>&1")
    #expect(result.status == 3, "\(result.output)")
    #expect(result.output.contains("1 done, 1 quarantined"))
    #expect(result.output.contains("quarantined b at read: TRUNCATED"))
  }

  @Test func `4 when there are no cases, or filters removed all`() throws {
    let empty = try program.run("mkdir scans; pons run copy.yaml --set input=scans 2>&1")
    #expect(empty.status == 4, "\(empty.output)")
    let filtered = try program.run(
      scans("a") + "pons run copy.yaml --set input=scans --set stages.keep.with.minimum=8 2>&1")
    #expect(filtered.status == 4, "\(filtered.output)")
    #expect(filtered.output.contains("1 filtered"))
  }

  @Test func `1 when the results cannot be written`() throws {
    let result = try program.run(
      scans("a") + "touch out; pons run copy.yaml --set input=scans --output out 2>&1")
    #expect(result.status == 1, "\(result.output)")
    #expect(result.output.contains("error: "))
  }

  @Test func `130 when it is interrupted, and the same command finishes the work`() throws {
    // Many cases, so that there is something left to do when the signal comes.
    let result = try program.run(
      scans("a") + """
        for i in $(seq 1000); do ln scans/a.nii scans/c$i.nii; done
        pons run copy.yaml --set input=scans --output out --jobs 1 > log 2>&1 &
        for i in $(seq 400); do [ -d out/a ] && break; sleep 0.02; done
        kill -INT $!; wait $!; echo status $?
        ls -a out | grep -c staging
        pons run copy.yaml --set input=scans --output out > again 2>&1; echo status $?
        tail -n 2 again
        """)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.prefix(3) == ["status 130", "0", "status 0"], "\(result.output)")
    #expect(result.output.contains("copy: 1001 done"))
  }

  @Test func `a reader that goes away stops nothing`() throws {
    let result = try program.run(
      scans("a", "b", "c") + """
        pons run copy.yaml --set input=scans --output out --json 2> /dev/null | head -n 1 > /dev/null
        echo ${PIPESTATUS[0]}
        """)
    #expect(result.output == "0\n")
  }
}
