import Testing

/// CLISC from DICOM to its outputs, with the demo's manifests and settings that are too small to learn anything.
@Suite struct CLISCManifestTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// The settings of a demo that takes no time.
  private static let small = """
    small=()
    for stage in train0 train; do
      small+=(--set stages.$stage.with.steps=3 --set "stages.$stage.with.channels=[2, 4, 8]")
      small+=(--set stages.$stage.with.min_dice=0)
    done
    for stage in classify0 classify1; do small+=(--set stages.$stage.with.epochs=1); done
    small+=(--set stages.prompt.with.step=9 --set stages.ask.with.step=30)
    """

  @Test(
    .enabled(
      if: SAMManifestTests.isStored,
      "the weights are not in the store; fetch them with: pons models fetch lite-medsam"))
  func `the demo, twice, the ablation, the supervised bound and the prediction of new cases`()
    throws
  {
    let result = try program.run(
      Self.small + """

        CASES=5 "$root/Scripts/demo" pons demo "${small[@]}" --set stages.s3f.with.keep_fraction=0.5 \
          --reason "few cases" --by tests 2>&1 || exit 91
        echo "masks $(ls demo/results/c-*/mask.nii.gz | wc -l)"
        echo "segmentations $(ls demo/results/c-*/*.dcm | wc -l)"
        grep -c 'Research use only' demo/results/report.html
        (cd demo/results && ls cohort.csv scores.csv similarity.csv) || exit 92

        # Everything once more, with other threads at work.
        export PONS_SITE_KEY=demo/site.key
        pons run clisc-demo "${small[@]}" --set stages.s3f.with.keep_fraction=0.5 \
          --reason "few cases" --by tests --set input=demo/dicom \
          --set "truth=demo/heads/*/truth.nii.gz" --set pairs=demo/pairs.csv --jobs 1 --output again > again.log 2>&1
        diff -r -x .pons -x phi -x summary.json demo/results again && echo "both runs are the same"

        truth=(--set "input=demo/heads" --set "truth=demo/heads/*/truth.nii.gz" --set pairs=demo/pairs.csv)
        pons run clisc-ablation "${small[@]}" "${truth[@]}" --set stages.train_all.with.steps=3 \
          --set stages.train_all.with.min_dice=0 --set stages.classify_again.with.epochs=1 \
          --set "stages.train_all.with.channels=[2, 4, 8]" --set stages.whole.with.step=40 \
          --set stages.split.with.salt=x --work demo/results/.pons --output ablation 2>&1 || exit 93
        pons run supervised-bound "${truth[@]}" --set stages.split.with.salt=x --set stages.train.with.steps=3 \
          --set stages.train.with.min_dice=0 --set "stages.train.with.channels=[2, 4, 8]" --output bound 2>&1 || exit 94
        for table in ablation/*.csv bound/*.csv; do echo "$table $(wc -l < $table)"; done
        model=$(ls demo/results/model*/*.safetensors demo/results/*.safetensors 2> /dev/null | head -n 1)
        pons run predict --set input=demo/heads --set "model=$model" --set spacing=2 --output new 2>&1 || exit 95
        """)
    #expect(result.status == 0, "\(result.output)")
    // The cut-off file, the missing slice, and four slices without a brain; the drawn masks are cases of their own.
    #expect(result.output.contains("TRUNCATED, '…-phantom-001/0012.dcm'"), "\(result.output)")
    #expect(result.output.contains("MISSING_SLICE, 1 slice missing between"), "\(result.output)")
    #expect(
      result.output.contains("clisc: 5 done, 3 quarantined, 5 under other keys"), "\(result.output)"
    )
    // Half of the cases are kept for training again; all get a mask.
    #expect(result.output.contains("masks 5\nsegmentations 5\n1\n"), "\(result.output)")
    #expect(result.output.contains("both runs are the same"), "\(result.output)")
    for name in [
      "bright", "whole", "raw-cam", "raw-cam-again", "enhanced-cam", "sam", "network",
      "network-again",
    ] {
      #expect(result.output.contains("ablation/\(name).csv 2\n"), "\(result.output)")
    }
    #expect(result.output.contains("bound/supervised.csv 2\n"), "\(result.output)")
    #expect(result.output.contains("predict: 5 done"), "\(result.output)")
  }

  /// Another organ by texts and preprocessing alone.
  @Test(
    .enabled(
      if: SAMManifestTests.isStored,
      "the weights are not in the store; fetch them with: pons models fetch lite-medsam"))
  func `lung nodules in made-up chests`() throws {
    let result = try program.run(
      Self.small + """

        pons run chest-cohort --set cases=4 --set healthy=4 --output chests 2>&1 || exit 91
        # The small CLIP has never read of lungs: it is asked for bright patches, in the words it knows.
        texts='{normal: an image of brain tissue without any abnormal intensity, tumor: an image showing a lesion with hyperintensity}'
        pons run lung-nodules "${small[@]}" --set input=chests --set series=synthetic --set clip=pons-clip-tiny --set spacing=3 \
          --set "stages.label.with.texts=$texts" --set stages.label.with.window=volume \
          --set stages.classify0.with.network=small --set stages.classify1.with.network=small \
          --set stages.classify0.with.image_size=64 --set stages.classify1.with.image_size=64 \
          --set "stages.train0.with.patch=[32, 32, 32]" --set "stages.train.with.patch=[32, 32, 32]" \
          --output lungs 2>&1 || exit 92
        echo "masks $(ls lungs/c-*/mask.nii.gz | wc -l)"
        dcmdump +P 0008,0104 lungs/c-*/segmentation.dcm | grep -c -e 'Lung' -e 'Nodule'
        """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("clisc: 4 done"), "\(result.output)")
    #expect(result.output.contains("masks 4"), "\(result.output)")
  }
}
