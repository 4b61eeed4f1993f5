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
      ls out/table.tsv && grep -q org.example.filter-c out/summary.json && echo used
      pons config --origin statistics --overlay "$root/manifests/sites/example-hospital.yaml"
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(" 0 failed"))
    #expect(result.output.contains("out/table.tsv\nused\n"))
    #expect(result.output.contains("imaging physics"))
  }

  @Test func `a site swaps in the filter in Swift, and the overlay runs by itself`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      cd "$root/Examples/filter-swift" && swift build -c release 2>&1 | tail -n 3 && cd - > /dev/null || exit 91
      pons plugins check "$root/Examples/filter-swift/.build/release/libpons-filter-swift.so" || exit 92
      pons run "$root/manifests/sites/example-hospital-swift.yaml" --set input=scans --output out 2>&1 || exit 93
      grep -q org.example.filter-swift out/summary.json && echo used
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(" 0 failed"))
    #expect(result.output.hasSuffix("used\n"))
  }

  /// Shell: `made NAME NUMBER` writes scan number NUMBER as the series NAME of the one patient, into dicom/NAME.
  private static let made = """
    mkdir scans && "$root/Scripts/make-scans" scans || exit 90
    made() {
      pons run to-dicom --quiet --set input=scans/subject-$2.nii.gz --set description="$1 tra" --set number=$2 \\
        --set patient=p1 --set study=visit --output "made/$1" > log || { cat log; exit 91; }
      mkdir -p "dicom/$1" && cp made/$1/*/slices/*.dcm "dicom/$1"
    }
    """

  @Test func `select takes one series of a study, and says of the others why they do not fit`()
    throws
  {
    let result = try program.run(
      Self.made + """

        made t1 1; made t2 2; made flair 3; made loc 4
        # The localizer says so in its image type, of the same length as before.
        LC_ALL=C sed -i 's/DERIVED\\\\SECONDARY\\\\OTHER /DERIVED\\\\OTHER\\\\LOCALIZER /' dicom/loc/*.dcm
        pons run select --set input=dicom --set series='t1|loc' --set minimum_slices=20 --output out 2>&1 || exit 92
        grep -o '"reason": "[^"]*"' out/summary.json | sort -u; ls out/*/volume.nii.gz | wc -l
        pons run select --set input=dicom --set series=^t --output two 2>&1
        """)
    #expect(result.output.contains("1 done, 3 not selected"), "\(result.output)")
    #expect(result.output.contains("description does not match"))
    #expect(result.output.contains("it is a localizer"))
    #expect(result.output.contains("\n1\n"), "\(result.output)")
    // Where two fit, the study is refused, and neither of them is called by its description.
    #expect(
      result.output.contains(
        "2 volumes of the study match where one is wanted: series 1 (axial, 24 slices); series 2 (axial, 24 slices)"
      ))
    #expect(!result.output.contains(" tra"), "\(result.output)")
    #expect(result.status == 4)
  }

  @Test func `what was drawn in NIfTI meets its DICOM series by a table`() throws {
    let result = try program.run(
      Self.made + """

        made t1 1; made t2 2; made flair 3
        pons run ingest --quiet --set input=dicom --output names > log || exit 92
        cat > pair.yaml <<'END'
        pons: 1
        name: pair
        unsupervised: true
        stages:
          images: {use: dicom.read, with: {path: dicom}}
          drawn: {use: nifti.read, with: {path: scans, keys: name}, ground_truth: true}
          paired: {use: cases.map, in: {volume: drawn.volume}, with: {table: table.csv, to: series}}
          image: {use: nifti.write, in: {volume: images.volume}}
          truth: {use: nifti.write, in: {volume: paired.volume}}
        outputs: {image: image.files, truth: truth.files}
        END
        # Names of the series as the private table has them, and one case by its key; subject 4 to 6 are in no line.
        { printf 'series,from\\r\\n'
          for n in 1 2 3; do
            name=$(echo t1 t2 flair | cut -d ' ' -f $n)
            column=$([ $n = 3 ] && echo 1 || echo 3)
            printf '"%s",subject-%s\\r\\n' "$(grep /dicom/$name/ names/phi/cases.tsv | cut -f $column)" $n
          done; } > table.csv
        pons run pair.yaml --output out 2>&1; status=$?
        for n in 1 2 3; do
          name=$(echo t1 t2 flair | cut -d ' ' -f $n)
          key=$(grep /dicom/$name/ names/phi/cases.tsv | cut -f 1)
          for file in image truth; do gzip -dc out/$key/$file.nii.gz | tail -c 110592 > $file; done
          cmp image truth && gzip -dc scans/subject-$n.nii.gz | tail -c 110592 | cmp - truth || exit 93
        done
        sed -i 's/subject-1/subject-2/' table.csv
        pons run pair.yaml --output other 2>&1
        exit $status
        """)
    #expect(result.status == 3, "\(result.output)")
    #expect(result.output.contains("pair: 3 done, 3 quarantined, 3 under other keys"))
    #expect(result.output.contains("the table does not say which case this one is"))
    // The content of the table counts, so that a change of it is seen in the same folder.
    #expect(result.output.contains("line 3 of the table names the same case in 'from' as line 2"))
  }

  @Test func `the phantom cohort comes as DICOM and true masks, the same for the same seed`() throws
  {
    let result = try program.run(
      """
      pons run phantom-cohort --quiet --set cases=2 --set healthy=2 --output one 2>&1 || exit 90
      pons run phantom-cohort --quiet --set cases=2 --set healthy=2 --jobs 1 --work other \
        --output two 2>&1 || exit 91
      diff -rq one/phantom-001 two/phantom-001 && diff -rq one/phantom-002 two/phantom-002 || exit 92
      pons run ingest --quiet --set input=one --output read 2>&1 || exit 93
      sum() { gzip -dc "$1" | tail -c 860160 | tr -d '\\0' | wc -c; }
      echo "tumour $([ $(sum one/phantom-001/*.nii.gz) -gt 300 ] && echo there)"
      echo "healthy $(sum one/phantom-002/*.nii.gz)"
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("tumour there\nhealthy 0\n"), "\(result.output)")
    #expect(result.output.contains("ingest: 2 done"), "\(result.output)")
  }

  // The overlay with the filter in Swift is run above, after its plugin was built.
  @Test func `every file below manifests is valid`() throws {
    let result = try program.run(
      """
      make -s -C "$root/Examples/filter-c" || exit 90
      for file in $(find "$root/manifests" -name '*.yaml' ! -name '*-swift.yaml'); do
        pons validate "$file" 2>&1 || exit 1
      done
      """)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test
  func `a folder is checked without writing volumes, and an earlier run can be looked at again`()
    throws
  {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      pons run to-dicom --quiet --set 'input=scans/subject-[12].nii.gz' --output made > /dev/null || exit 91
      mkdir dicom && cp -r made/*/ dicom/ && echo notes > dicom/notes.txt
      truncate -s 3000 "$(ls dicom/*/slices/0012.dcm | head -n 1)"
      before=$(find . -type f | wc -l)
      TMPDIR=$PWD pons ingest check dicom 2> /dev/null; echo "status $?"
      TMPDIR=$PWD pons ingest check dicom --json 2> /dev/null | grep -c '"passed_over"'
      [ "$before" = "$(find . -type f ! -path './cache/*' ! -name site.key | wc -l)" ] || find . -type f
      pons run ingest --quiet --set input=dicom --output out > /dev/null; pons ingest report out
      pons ingest report dicom 2> /dev/null; echo "status $?"
      """)
    #expect(result.output.contains("1 volume can be used, 1 volume refused.\nstatus 3\n1\n"))
    #expect(result.output.contains("refused TRUNCATED: '"))
    #expect(result.output.contains("/volume.nii.gz"))
    #expect(result.output.hasSuffix("status 2\n"), "\(result.output)")
  }
}
