import Testing

/// What `make install` puts in place works without the folder of the build and without a toolchain.
@Suite struct InstallTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  @Test func `an installation runs its manifests, and an overlay with a plugin built from it`()
    throws
  {
    let result = try program.run(
      """
      runtime=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\\(.*\\)".*/\\1/p')
      (cd "$root" && Scripts/install '\(program.build)' "$OLDPWD/usr" "$runtime") || exit 90
      mkdir scans && "$root/Scripts/make-scans" scans || exit 91
      make -s -C usr/share/pons/Examples/filter-c 2>&1 || exit 92
      pons() { env -i PATH=/usr/bin:/bin HOME="$PWD" usr/bin/pons "$@"; }
      pons run statistics --set input=scans --output all --quiet 2>&1 || exit 93
      pons run usr/share/pons/manifests/sites/example-hospital.yaml --set input=scans \\
        --output some --quiet 2>&1 || exit 94
      ls all/*/volume.nii.gz | wc -l; grep -q org.example.filter-c some/summary.json && echo used
      for file in $(find usr/share/pons/manifests -name '*.yaml'); do
        pons validate $file 2>&1 || exit 95
      done
      readelf -d usr/bin/* usr/lib/pons/*/*.so | grep -E 'R(UN)?PATH' | grep -v '\\[$ORIGIN' && exit 96
      ls usr/include/pons.h usr/share/man/man1/pons.1 usr/share/bash-completion/completions/pons \\
        usr/share/zsh/site-functions/_pons usr/lib/pons/plugins/libpons-nifti.so
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("\n6\nused\n"), "\(result.output)")
  }

  @Test func `a tarball runs where it is unpacked, and names the packages that it needs`() throws {
    let result = try program.run(
      """
      runtime=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\\(.*\\)".*/\\1/p')
      echo weights > bundle
      (cd "$root" && Scripts/dist '\(program.build)' "$OLDPWD/dist" "$runtime" "$OLDPWD/bundle") 2>&1 || exit 90
      mkdir scans opt && "$root/Scripts/make-scans" scans && tar -C opt -xzf dist/pons-*.tar.gz || exit 91
      here=$(echo opt/pons-*)
      (cd "$here" && sha256sum --quiet -c SHA256SUMS) || exit 92
      env -i PATH=/usr/bin:/bin HOME="$PWD" "$here/bin/pons" run statistics --set input=scans --output out --quiet 2>&1 || exit 93
      ls out/*/volume.nii.gz | wc -l
      cmp bundle "$here/share/pons/models.pons" || exit 94
      ls "$here"/share/pons/packaging/systemd/pons-nightly.{service,timer} "$here/share/doc/pons/deploy.md" || exit 95
      for package in $(cat "$here/share/doc/pons/runtime-packages"); do
        dpkg-query -W -f '${Status}\\n' $package | grep -q 'ok installed' || echo "not here: $package"
      done
      grep -x libyaml-0-2 "$here/share/doc/pons/runtime-packages"
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(
      result.output.contains("\n6\n") && result.output.hasSuffix("\nlibyaml-0-2\n"),
      "\(result.output)")
    // libcurl may be missing here: it is loaded only when something is fetched.
    #expect(
      !result.output.replacing("not here: libcurl4", with: "").contains("not here"),
      "\(result.output)")
  }
}
