import Testing

/// Every role of a pipeline like CLISC can be given to another stage by an overlay, and the rest runs as before.
///
/// Networks are tiny and trained for a moment: what they find means nothing here.
@Suite struct RoleSwapTests {
  /// The pipeline, run once on a few phantoms. The swaps share its work folder, so that they run what they change.
  private static let base = Result { try Base() }

  private struct Base: Sendable {
    let program: BuiltProgram

    init() throws {
      program = try BuiltProgram()
      let result = try program.run(
        """
        cat > make.yaml <<'END'
        \(Self.cohort)
        END
        cat > pipeline.yaml <<'END'
        \(Self.pipeline)
        END
        pons run make.yaml --quiet --output made 2>&1 || exit 90
        mkdir dicom scans
        for case in made/*/; do
          name=$(basename "$case")
          case "$name" in phi|previous) continue;; esac
          mkdir "dicom/$name" && cp "$case"series/*.dcm "dicom/$name" || exit 91
          cp "$case"scans.nii.gz "scans/$name.nii.gz" || exit 92
        done
        make -s -C "$root/Examples/filter-c" 2>&1 || exit 93
        \(Self.run("out"))
        """)
      guard result.status == 0, result.output.contains("4 done") else {
        throw ShellScript.Failure(what: "\(result.status): \(result.output)")
      }
    }

    /// A shell command that runs the pipeline with some more options.
    static func run(_ output: String, _ options: String = "") -> String {
      """
      pons run pipeline.yaml --set input=dicom --set sam="$root/Tests/SAMTests/Fixtures/tinyvit-weights.safetensors" \\
        --work work --output \(output) \(options) 2>&1
      """
    }

    private static let cohort = """
      pons: 1
      name: made
      stages:
        make: {use: phantom.brain, with: {cases: 4, healthy: 0, size: [8, 32, 32], spacing: 6}}
        dicom: {use: dicom.write, in: {volume: make.volume}}
        nifti: {use: nifti.write, in: {volume: make.volume}}
      outputs: {series: dicom.files, scans: nifti.files}
      """

    private static let pipeline = """
      pons: 1
      name: roles
      parameters:
        input: {type: path, required: true}
        sam: {type: path, required: true}
      stages:
        read: {use: dicom.read, with: {path: "${input}"}}
        prep: {use: preprocess.normalize, in: {volume: read.volume}, with: {crop: false}}
        label:
          use: clip.label
          in: {volume: prep.volume}
          with: {model: pons-clip-tiny, min_probability: 0, smooth_each: 0, min_signal: 0}
        classify0:
          use: classifier.train
          in: {volume: prep.volume, labels: label.labels}
          with: {network: small, image_size: 32, epochs: 1, min_slices: 1}
        cam0: {use: cam.compute, in: {volume: prep.volume, model: classify0.model}, with: {only_predicted: false}}
        roi0: {use: cam.roi, in: {heatmap: cam0.heatmap}}
        amda: {use: amda.mask, in: {volume: prep.volume, labels: label.labels, heatmap: cam0.heatmap, roi: roi0.mask}}
        classify1:
          use: classifier.train
          in: {volume: prep.volume, labels: label.labels, slices: amda.slices}
          with: {network: small, image_size: 32, epochs: 1, min_slices: 1}
        cam1: {use: cam.compute, in: {volume: prep.volume, model: classify1.model}, with: {only_predicted: false}}
        roi1: {use: cam.roi, in: {heatmap: cam1.heatmap}}
        prompts: {use: prompts.from-roi, in: {volume: prep.volume, roi: roi1.mask}, with: {foreground: false}}
        sam: {use: sam.segment, in: {volume: prep.volume, prompts: prompts.prompts}, with: {weights: "${sam}"}}
        train0:
          use: unet3d.train
          in: {volume: prep.volume, mask: sam.mask}
          with: {steps: 1, min_dice: 0, batch: 1, patch: [8, 16, 16], channels: [4, 8]}
        predict0: {use: unet3d.predict, in: {volume: prep.volume, model: train0.model}}
        reprompts: {use: prompts.from-mask, in: {volume: prep.volume, mask: predict0.mask}, with: {foreground: false}}
        resam: {use: sam.segment, in: {volume: prep.volume, prompts: reprompts.prompts}, with: {weights: "${sam}"}}
        s3f: {use: s3f.filter, in: {a: predict0.mask, b: resam.mask}, with: {keep_fraction: 0.5}}
        train:
          use: unet3d.train
          in: {volume: prep.volume, mask: s3f.mask}
          with: {steps: 1, min_dice: 0, batch: 1, patch: [8, 16, 16], channels: [4, 8]}
        predict: {use: unet3d.predict, in: {volume: prep.volume, model: train.model}}
        write: {use: nifti.write, in: {volume: predict.mask}}
      outputs: {mask: write.files}
      """
  }

  /// A role's stage in the pipeline, and what takes its place.
  struct Swap: Sendable, CustomTestStringConvertible {
    var role: String
    var stage: String
    var use: String
    var with = "{}"
    var plugin = ""
    var testDescription: String { "\(role): \(use)" }
  }

  static let swaps = [
    Swap(role: "reader", stage: "read", use: "nifti.read", with: "{path: scans}"),
    Swap(
      role: "CLIP labeler", stage: "label", use: "labels.from-table",
      with: "{table: labels.csv, classes: [normal, tumor]}"),
    Swap(
      role: "CAM", stage: "roi1", use: "fixture.hot-voxels",
      plugin: "$build/libfixture-plugin.so"),
    Swap(
      role: "AMDA", stage: "amda", use: "fixture.plain-slices",
      plugin: "$build/libfixture-plugin.so"),
    Swap(role: "prompt generator", stage: "prompts", use: "prompts.whole-image"),
    Swap(
      role: "SAM", stage: "sam", use: "fixture.filled-boxes",
      plugin: "$build/libfixture-plugin.so"),
    Swap(
      role: "S3F", stage: "s3f", use: "org.example.mask-filter-c", with: "{minimum: 0}",
      plugin: "$root/Examples/filter-c/libpons-filter-c.so"),
    Swap(
      role: "S3F", stage: "s3f", use: "org.example.lesion-volume",
      with: "{minimum: 0, maximum: 1000000}", plugin: "$root/Examples/filter-python"),
    Swap(
      role: "trainer", stage: "predict", use: "fixture.bright-voxels",
      plugin: "$build/libfixture-plugin.so"),
  ]

  /// The swaps that can be tried here.
  static let possibleSwaps =
    (try? ShellScript.run("python3 -c 'import numpy' 2> /dev/null", shell: "bash").status) == 0
    ? swaps : swaps.filter { !$0.plugin.hasSuffix("python") }

  @Test(arguments: possibleSwaps) func `a site puts another stage into a role`(swap: Swap) throws {
    let program = try Self.base.get().program
    let name = swap.stage
    let result = try program.run(
      """
      build='\(program.build)'
      # Half of the slices of each case have each class, of cases called by their keys.
      { echo case,slice,label
        for key in $(ls out | grep '^c-'); do echo "$key,0-3,normal"; echo "$key,4-7,tumor"; done
      } > labels.csv
      cat > \(swap.use).yaml <<END
      pons: 1
      overlay: \(name)
      plugins: [\(swap.plugin)]
      use:
        - {stage: \(swap.stage), use: \(swap.use), with: \(swap.with), reason: this site has another, by: test}
      END
      \(Base.run("out-\(swap.use)", "--overlay \(swap.use).yaml")) || exit 91
      ls out-\(swap.use)/*/mask.nii.gz | wc -l
      grep -c '"\(swap.use)"' out-\(swap.use)/summary.json
      """)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("4 done"), "\(result.output)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.dropLast().last == "4", "\(result.output)")
    #expect(lines.last.flatMap { Int($0) } ?? 0 > 0, "\(result.output)")
  }
}
