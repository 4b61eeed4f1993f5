import Testing

/// Every manifest and overlay that Pons ships runs, with the examples that they name.
@Suite struct ShippedManifestTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  @Test func `copy writes what it read, in both formats`() throws {
    for (format, file) in [("nii", "volume.nii"), ("nii.gz", "volume.nii.gz")] {
      let result = try program.run(
        """
        mkdir -p scans && "$root/Scripts/make-scans" scans && gunzip -f scans/*.gz || exit 90
        pons run "$root/manifests/copy.yaml" --set input=scans --set keys=name --set format=\(format) \\
          --output \(format) 2>&1 || exit 91
        for case in scans/*.nii; do
          name=$(basename "$case" .nii)
          case \(format) in
            nii) cmp "$case" "\(format)/$name/\(file)" || exit 92 ;;
            *) gzip -dc "\(format)/$name/\(file)" | cmp - "$case" || exit 93 ;;
          esac
        done
        """)
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("6 done"))
    }
  }

  @Test func `a single file is a case too, and its sibling is not read in its place`() throws {
    let result = try program.run(
      """
      mkdir one && "$root/Scripts/make-scans" one && gunzip one/*.gz || exit 90
      cd one; set -- *.nii; first=$1 second=$2
      gzip -nc "$first" > x.nii.gz; cp "$second" x.nii; cd ..
      pons run copy --set input=one/x.nii.gz --set keys=name --set format=nii --output out 2>&1 || exit 91
      cmp out/x/volume.nii one/"$first"
      """)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func `statistics filters, measures and writes`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      pons run statistics --set input=scans --set minimum=20 --output out 2>&1 || exit 91
      wc -l < out/table.csv; ls out/*/volume.nii.gz | wc -l; grep -c '"status": "filtered"' out/summary.json
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasSuffix("6\n5\n1\n"), "\(result.output)")
  }

  @Test func `a site swaps in the filter in C, by overlay`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      make -s -C "$root/Examples/filter-c" 2>&1 || exit 91
      pons plugins check "$root/Examples/filter-c/libpons-filter-c.so" || exit 92
      pons run statistics --overlay "$root/manifests/sites/example-hospital.yaml" --set input=scans \\
        --output out 2>&1 || exit 93
      ls out/table.tsv && grep -c org.example.filter-c out/summary.json
      pons config --origin statistics --overlay "$root/manifests/sites/example-hospital.yaml"
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(" 0 failed"))
    #expect(result.output.contains("out/table.tsv\n1\n"))
    #expect(result.output.contains("imaging physics"))
  }

  @Test func `a site swaps in the filter in Swift, and the overlay runs by itself`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      cd "$root/Examples/filter-swift" && swift build -c release 2>&1 | tail -n 3 && cd - > /dev/null || exit 91
      pons plugins check "$root/Examples/filter-swift/.build/release/libpons-filter-swift.so" || exit 92
      pons run "$root/manifests/sites/example-hospital-swift.yaml" --set input=scans --output out 2>&1 || exit 93
      grep -c org.example.filter-swift out/summary.json
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(" 0 failed"))
    #expect(result.output.hasSuffix("1\n"))
  }

  // The overlay with the filter in Swift is run above, after its plugin was built.
  @Test func `every file below manifests is valid`() throws {
    let result = try program.run(
      """
      make -s -C "$root/Examples/filter-c" || exit 90
      for file in $(find "$root/manifests" -name '*.yaml' ! -name '*-swift.yaml'); do
        pons validate "$file" --set input=. 2>&1 || exit 1
      done
      """)
    #expect(result.status == 0, "\(result.output)")
  }
}
