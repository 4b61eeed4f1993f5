import Testing

/// predict.yaml, with a model that an earlier run trained and wrote.
@Suite struct PredictManifestTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// Shell: trains a tiny network on two synthetic heads in `mr`, and writes it; too short to find anything.
  private static let trained = #"""
    heads() { # FOLDER KIND: two heads as DICOM
      pons run phantom-cohort --quiet --set cases=2 --set healthy=0 --set stages.dicom.with.as=$2 \
        --set stages.make.with.size='[40, 56, 48]' --set stages.make.with.spacing=4 \
        --output $1 > log 2>&1 || { cat log; exit 90; }
    }
    heads mr mr
    cat > train.yaml <<'END'
    pons: 1
    name: train
    stages:
      read: {use: dicom.read, with: {path: mr}}
      brain: {use: preprocess.brain-mask, in: {volume: read.volume}}
      scale: {use: preprocess.resample, in: {volume: read.volume, mask: brain.mask}, with: {spacing: [4]}}
      normalize: {use: preprocess.normalize, in: {volume: scale.volume, mask: scale.mask}}
      train:
        use: unet3d.train
        in: {volume: normalize.volume, mask: normalize.mask}
        with: {steps: 2, min_dice: 0, batch: 1, patch: [16, 16, 16], channels: [2, 4]}
      write: {use: model.write, in: {model: train.model}}
    outputs: {model: write.files}
    END
    pons run train.yaml --quiet --output trained > log 2>&1 || { cat log; exit 91; }
    model=$(ls trained/model.safetensors trained/*/model.safetensors 2> /dev/null | head -n 1)
    predict() { # FOLDER OUTPUT OPTIONS
      pons run predict --set input=$1 --set model="$model" --set spacing=4 --output "${@:2}" 2>&1
    }

    """#

  @Test func `DICOM that is like the training's gets masks, as NIfTI and as segmentation`() throws {
    let result = try program.run(
      Self.trained + """
        grep -q 'Research use only' "${model%.safetensors}.md" || exit 92
        grep -q 'Every case it was trained on was made up' "${model%.safetensors}.md" || exit 93
        predict mr out; echo "status $?"
        ls out/*/mask.nii.gz | wc -l; ls out/*/segmentation.dcm out/*/*/segmentation.dcm 2> /dev/null | wc -l
        """)
    #expect(result.output.hasSuffix("status 0\n2\n2\n"), "\(result.status) \(result.output)")
    #expect(result.output.contains("predict: 2 done"))
  }

  @Test func `CT gets no mask: each case is refused by name, and the status is 4`() throws {
    let result = try program.run(
      Self.trained + """
        heads ct ct
        predict ct out; echo "status $?"
        find out -name '*.nii*' -o -name '*.dcm' | wc -l
        grep -c '"OUT_OF_ENVELOPE"' out/summary.json
        """)
    #expect(result.output.hasSuffix("status 4\n0\n2\n"), "\(result.status) \(result.output)")
    #expect(result.output.contains("OUT_OF_ENVELOPE"))
    #expect(result.output.contains("the modality is CT, the model was trained on MR"))
  }

  @Test func `what is no model is refused by name`() throws {
    let result = try program.run(
      Self.trained + """
        echo notes > notes.txt; model=notes.txt
        predict mr out; echo "status $?"
        find out -name '*.nii*' -o -name '*.dcm' | wc -l
        """)
    #expect(result.output.contains("'notes.txt' cannot be read"), "\(result.output)")
    #expect(!result.output.contains("status 0"), "\(result.output)")
    #expect(result.output.hasSuffix("\n0\n"), "\(result.output)")
  }
}
