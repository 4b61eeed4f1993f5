import Testing

/// sam-box, run by the program: with weights that were never trained, and with LiteMedSAM's where the store has them.
@Suite struct SAMManifestTests {
  private let program: BuiltProgram

  /// Whether LiteMedSAM is in the store of the user, or that of "make test".
  static var isStored: Bool {
    let script = """
      access() { test -r "$1/lite-medsam/lite_medsam.pth"; }
      access "${PONS_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/pons/models}"
      """
    return (try? ShellScript.run(script, shell: "bash").status) == 0
  }

  init() throws { program = try BuiltProgram() }

  @Test func `a model that is not there is named with the command that fetches it`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      echo '{"boxes": [[3, 10, 12, 30, 31]]}' > p.json
      PONS_MODELS=$PWD/none pons run sam-box --set input=scans --set prompts=p.json --output out 2>&1
      """)
    #expect(result.status != 0)
    #expect(result.output.contains("pons models fetch lite-medsam"), "\(result.output)")
  }

  @Test func `boxes in NIfTI become masks on the image's grid`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      echo '{"boxes": [[3, 10, 12, 30, 31], [4, 10, 12, 30, 31], [4, 2, 2, 9, 9]]}' > p.json
      sed "s|{model: \\"\\${model}\\"}|{weights: $root/Tests/SAMTests/Fixtures/tinyvit-weights.safetensors}|" \\
        "$root/manifests/sam-box.yaml" > m.yaml
      pons run m.yaml --set input=scans --set prompts=p.json --set format=nii --output out 2>&1 || exit 91
      ls out/*/mask.nii | wc -l
      gunzip scans/subject-1.nii.gz
      for file in scans/subject-1.nii $(ls out/*/mask.nii | head -n 1); do od -An -tf4 -j 280 -N 48 "$file"; done
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("6 done"), "\(result.output)")
  }

  @Test(
    .enabled(
      if: isStored,
      "the weights are not in the store; fetch them with: pons models fetch lite-medsam"))
  func `LiteMedSAM segments DICOM`() throws {
    let result = try program.run(
      """
      mkdir scans && "$root/Scripts/make-scans" scans || exit 90
      pons run to-dicom --quiet --set input=scans/subject-2.nii.gz --output made > log || { cat log; exit 91; }
      echo '{"boxes": [[3, 10, 12, 30, 31]]}' > p.json
      pons run "$root/manifests/sam-box-dicom.yaml" --set input=made --set prompts=p.json --output out 2>&1 || exit 92
      ls out/*/mask.nii.gz
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("1 done"), "\(result.output)")
  }
}
