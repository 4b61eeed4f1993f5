import Glibc
import Testing

/// Runs that refuse what is not as it was locked or allowed, by the built program.
@Suite struct LockTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// A copy of the program with three plugins, which may be tampered with, and a plugin that says when its code ran.
  private var files: String {
    """
    mkdir scans bin && "$root/Scripts/make-scans" scans || exit 90
    cp '\(program.build)'/{pons,pons-worker,libpons-nifti.so,libpons-statistics.so} bin || exit 91
    cp "$root/manifests/statistics.yaml" .
    export PATH="$PWD/bin:$PATH"
    echo '__attribute__((constructor)) static void ran(void) { fclose(fopen("'"$PWD"'/ran", "w")); }' |
      cat <(echo '#include <stdio.h>') - > ran.c
    evil() { cc -shared -fPIC -o bin/libpons-evil.so ran.c || exit 92; }
    run() { pons run statistics.yaml --set input=${input:-scans} --quiet --output out "$@" 2>&1; echo "status $?"; }
    """
  }

  @Test func `a locked run refuses every change by name`() throws {
    let result = try program.run(
      """
      \(files)
      cat > site.yaml <<'END'
      pons: 1
      overlay: site
      set: [{path: stages.keep.with.maximum, to: 5000, reason: a test, by: tests}]
      END
      pons lock statistics.yaml --set input=scans --overlay site.yaml || exit 93
      locked() { run --locked --overlay site.yaml "$@"; }
      echo A; locked
      cp -r scans other; echo B; input=other locked
      echo C; locked --set minimum=20
      echo D; cp site.yaml kept; echo '# a word' >> site.yaml; locked; cp kept site.yaml
      echo E; locked --seed 7
      echo F; run --locked
      echo G; cp bin/libpons-statistics.so kept; printf x >> bin/libpons-statistics.so; locked
      cp kept bin/libpons-statistics.so
      echo H; evil; locked; test ! -e ran && echo "not ran"
      echo I; printf x >> bin/pons-worker; locked
      """)
    let text = result.output
    func part(_ from: String, _ to: String) -> String {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      guard let start = lines.firstIndex(of: from), let end = lines.firstIndex(of: to) else {
        return "no part \(from) to \(to): \(text)"
      }
      return lines[start..<end].joined(separator: "\n")
    }
    #expect(part("A", "B").hasSuffix("status 0"), "\(part("A", "B"))")
    #expect(part("B", "C").hasSuffix("status 0"), "the input is not locked: \(text)")
    #expect(part("C", "D").contains("setting keep.with.minimum: locked 0.0, found 20.0"), "\(text)")
    #expect(part("C", "D").hasSuffix("status 5"))
    #expect(part("D", "E").contains("document 2 site.yaml: locked "), "\(text)")
    #expect(part("E", "F").contains("setting seed: locked 0, found 7"), "\(text)")
    #expect(part("F", "G").contains("found nothing"), "\(text)")
    #expect(part("G", "H").contains("libpons-statistics.so"), "\(text)")
    #expect(part("G", "H").hasSuffix("status 5"), "\(text)")
    #expect(part("H", "I").contains("status 0\nnot ran"), "\(text)")
    #expect(text.contains("host pons-worker: locked "), "\(text)")
    #expect(text.hasSuffix("status 5\n"))
  }

  @Test func `weights that were changed are refused`() throws {
    let result = try program.run(
      """
      cat > model.yaml <<'END'
      pons: 1
      name: model
      parameters: {weights: {type: path, required: true}}
      stages:
        make: {use: phantom.brain, with: {cases: 1, size: [8, 16, 16], spacing: 10}}
        prompts: {use: prompts.whole-image, in: {volume: make.volume}}
        sam: {use: sam.segment, in: {volume: make.volume, prompts: prompts.prompts}, with: {weights: "${weights}"}}
      outputs: {mask: sam.mask}
      END
      cp "$root/Tests/SAMTests/Fixtures/tinyvit-weights.safetensors" w.safetensors
      pons lock model.yaml --set weights=w.safetensors || exit 90
      pons run model.yaml --set weights=w.safetensors --locked --quiet 2>&1; echo "status $?"
      # The last byte of the last tensor.
      size=$(stat -c %s w.safetensors); printf x | dd of=w.safetensors bs=1 seek=$((size - 1)) conv=notrunc status=none
      pons run model.yaml --set weights=w.safetensors --locked --quiet 2>&1; echo "status $?"
      """)
    #expect(result.output.contains("status 0\n"), "\(result.output)")
    #expect(result.output.contains("file sam.weights: locked "), "\(result.output)")
    #expect(result.output.hasSuffix("status 5\n"), "\(result.output)")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a list that is trusted"))
  func `a site's list decides what may be loaded`() throws {
    let result = try program.run(
      """
      \(files)
      evil; run; test -e ran && echo "A ran"; rm ran
      export PONS_ALLOW_LIST="$PWD/allow" XDG_CACHE_HOME="$PWD/other-cache"
      sha256sum bin/libpons-{nifti,statistics}.so > allow
      run; test ! -e ran && echo "B not ran"
      # What was described before is not loaded either.
      sha256sum bin/libpons-nifti.so > allow; echo C; run
      sha256sum bin/libpons-{nifti,statistics}.so > allow
      cp bin/libpons-statistics.so kept; printf x >> bin/libpons-statistics.so; echo D; run
      cp kept bin/libpons-statistics.so
      chmod 666 allow; echo E; run; chmod 644 allow
      chown nobody allow; echo F; run; chown root allow
      echo nonsense >> allow; echo G; run
      rm allow; echo H; run
      mkdir open; chmod 777 open; sha256sum bin/*.so > open/allow; PONS_ALLOW_LIST="$PWD/open/allow"; echo I; run
      """)
    let text = result.output
    #expect(text.contains("status 0\nA ran\n"), "\(text)")
    #expect(text.contains("status 0\nB not ran\n"), "\(text)")
    let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func part(_ name: String) -> String {
      guard let start = parts.firstIndex(of: name),
        let end = parts[start...].firstIndex(where: { $0.hasPrefix("status ") })
      else { return "no part \(name): \(text)" }
      return parts[start...end].joined(separator: "\n")
    }
    let expected = [
      ("C", "the allow-list of this site does not name it"), ("D", "libpons-statistics.so"),
      ("E", "can be written by others than root"), ("F", "does not belong to root"),
      ("G", "line 3 of"), ("H", "cannot be read"), ("I", "can be written by others than root"),
    ]
    for (name, words) in expected {
      #expect(part(name).contains(words), "\(part(name))")
      #expect(part(name).hasSuffix("status 5"), "\(part(name))")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a list that is trusted"))
  func `libraries beside a plugin are part of it`() throws {
    let result = try program.run(
      """
      \(files)
      mkdir site && cd site && echo 'int helper(void) { return 1; }' > helper.c || exit 93
      cc -shared -fPIC -Wl,-soname,libhelper.so -o libhelper.so helper.c || exit 94
      cc -std=c11 -O2 -fPIC -fvisibility=hidden -shared -I"$root/Sources/CPons/include" -o libpons-filter-c.so \
        "$root/Examples/filter-c/filter.c" -lm -Wl,--no-as-needed -L. -lhelper -Wl,-rpath,'$ORIGIN' || exit 95
      cd ..
      overlay="--plugins site --overlay site.yaml"
      cat > site.yaml <<'END'
      pons: 1
      overlay: site
      use: [{stage: keep, use: org.example.filter-c, with: {minimum: 0}, reason: a test, by: tests}]
      END
      echo A; run $overlay
      export PONS_ALLOW_LIST="$PWD/allow" XDG_CACHE_HOME="$PWD/other-cache"
      sha256sum bin/*.so site/libpons-filter-c.so > allow; echo B; run $overlay
      sha256sum bin/*.so site/*.so > allow; echo C; run $overlay
      pons lock statistics.yaml --set input=scans $overlay; echo D; run $overlay --locked
      echo 'int helper(void) { return 2; }' > site/helper.c
      cc -shared -fPIC -Wl,-soname,libhelper.so -o site/libhelper.so site/helper.c
      sha256sum bin/*.so site/*.so > allow; echo E; run $overlay --locked
      """)
    let lines = result.output.split(separator: "\n").map(String.init)
    let status = lines.filter { $0.hasPrefix("status ") }
    #expect(
      status == ["status 0", "status 5", "status 0", "status 0", "status 5"], "\(result.output)")
    #expect(
      result.output.contains(
        "its library 'libhelper.so': the allow-list of this site does not name it"),
      "\(result.output)")
    #expect(result.output.contains("library libhelper.so: locked "), "\(result.output)")
  }
}
